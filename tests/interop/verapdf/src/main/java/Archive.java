import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;
import org.json.JSONArray;
import org.json.JSONObject;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.RuleId;

/**
 * veraPDF as a peer: one JVM reads a JSON job {"id", "file"} a line and answers each with one JSON line:
 * the flavour that the file claims, whether it conforms to that, and the rules it breaks.
 */
public final class Archive {
    private Archive() {}

    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        VeraGreenfieldFoundryProvider.initialise();
        BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = jobs.readLine(); line != null; line = jobs.readLine()) {
            answers.println(answer(new JSONObject(line)));
        }
    }

    private static JSONObject answer(JSONObject job) {
        JSONObject answer = new JSONObject();
        answer.put("id", job.getString("id"));
        try (InputStream file = new FileInputStream(job.getString("file"));
                PDFAParser parser = Foundries.defaultInstance().createParser(file)) {
            answer.put("flavour", parser.getFlavour().getId());
            try (PDFAValidator validator = Foundries.defaultInstance().createValidator(parser.getFlavour(), false)) {
                judge(validator.validate(parser), answer);
            }
        } catch (Exception | StackOverflowError | OutOfMemoryError fault) {
            answer.put("error", fault.getClass().getSimpleName() + ": " + fault.getMessage());
        }
        return answer;
    }

    private static void judge(ValidationResult result, JSONObject answer) {
        answer.put("conforms", result.isCompliant());
        TreeSet<String> broken = new TreeSet<>();
        for (TestAssertion assertion : result.getTestAssertions()) {
            if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                RuleId rule = assertion.getRuleId();
                broken.add(rule.getClause() + "-" + rule.getTestNumber() + " " + assertion.getMessage());
            }
        }
        answer.put("broken", new JSONArray(broken));
    }
}
