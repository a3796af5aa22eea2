import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.Security;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.json.JSONObject;

/**
 * EU DSS as a peer: one JVM reads a JSON job a line and answers each with one JSON line.
 * {"id", "op": "judge" | "sign" | "sign-level" | "version", …}; see Judge, Sign and Levels for the
 * members.
 */
public final class Peer {
    private Peer() {}

    public static void main(String[] args) throws Exception {
        System.setProperty("java.awt.headless", "true");
        Security.addProvider(new BouncyCastleProvider());
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = jobs.readLine(); line != null; line = jobs.readLine()) {
            answers.println(answer(new JSONObject(line)));
        }
    }

    private static JSONObject answer(JSONObject job) {
        JSONObject answer = new JSONObject();
        answer.put("id", job.getString("id"));
        try {
            switch (job.getString("op")) {
                case "version":
                    String version = eu.europa.esig.dss.pades.signature.PAdESService.class.getPackage()
                            .getImplementationVersion();
                    answer.put("version", version == null ? "unknown" : version);
                    break;
                case "judge":
                    Judge.judge(job, answer);
                    break;
                case "sign":
                    Sign.sign(job);
                    break;
                case "sign-level":
                    Levels.sign(job);
                    break;
                default:
                    answer.put("error", "unknown op");
            }
        } catch (Exception | StackOverflowError | OutOfMemoryError fault) {
            answer.put("error", fault.getClass().getSimpleName() + ": " + fault.getMessage());
        }
        return answer;
    }
}
