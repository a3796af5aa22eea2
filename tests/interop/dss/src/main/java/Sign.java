import eu.europa.esig.dss.enumerations.CertificationPermission;
import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.SignatureValue;
import eu.europa.esig.dss.model.ToBeSigned;
import eu.europa.esig.dss.pades.PAdESSignatureParameters;
import eu.europa.esig.dss.pades.SignatureFieldParameters;
import eu.europa.esig.dss.pades.SignatureImageParameters;
import eu.europa.esig.dss.pades.SignatureImageTextParameters;
import eu.europa.esig.dss.pades.signature.PAdESService;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.token.DSSPrivateKeyEntry;
import eu.europa.esig.dss.token.Pkcs12SignatureToken;
import java.io.File;
import java.security.KeyStore.PasswordProtection;
import org.json.JSONObject;

/**
 * Signs one file as PAdES baseline B: "file", "out", "p12", "p12Password", "digest" (DSS name), "algorithm" (DSS
 * signature algorithm name, optional), "visible" (boolean), "certify" (DSS permission name, optional), "reason",
 * "password", "field" (an existing empty field, optional).
 */
final class Sign {
    private Sign() {}

    static void sign(JSONObject job) throws Exception {
        PasswordProtection pin = new PasswordProtection(job.getString("p12Password").toCharArray());
        try (Pkcs12SignatureToken token = new Pkcs12SignatureToken(new File(job.getString("p12")), pin)) {
            DSSPrivateKeyEntry key = token.getKeys().get(0);
            PAdESSignatureParameters parameters = parameters(job, key);
            DSSDocument document = new FileDocument(new File(job.getString("file")));
            PAdESService service = new PAdESService(new CommonCertificateVerifier());
            ToBeSigned octets = service.getDataToSign(document, parameters);
            SignatureValue value = token.sign(octets, parameters.getSignatureAlgorithm(), key);
            service.signDocument(document, parameters, value).save(job.getString("out"));
        }
    }

    private static PAdESSignatureParameters parameters(JSONObject job, DSSPrivateKeyEntry key) {
        PAdESSignatureParameters parameters = new PAdESSignatureParameters();
        parameters.setSignatureLevel(SignatureLevel.PAdES_BASELINE_B);
        parameters.setSigningCertificate(key.getCertificate());
        parameters.setCertificateChain(key.getCertificateChain());
        parameters.setDigestAlgorithm(DigestAlgorithm.valueOf(job.optString("digest", "SHA256")));
        if (job.has("algorithm")) {
            SignatureAlgorithm algorithm = SignatureAlgorithm.valueOf(job.getString("algorithm"));
            parameters.setDigestAlgorithm(algorithm.getDigestAlgorithm());
            parameters.setEncryptionAlgorithm(algorithm.getEncryptionAlgorithm());
        }
        if (job.has("reason")) {
            parameters.setReason(job.getString("reason"));
        }
        if (job.has("password")) {
            parameters.setPasswordProtection(job.getString("password").toCharArray());
        }
        if (job.has("certify")) {
            parameters.setPermission(CertificationPermission.valueOf(job.getString("certify")));
        }
        appearance(job, parameters);
        return parameters;
    }

    private static void appearance(JSONObject job, PAdESSignatureParameters parameters) {
        SignatureFieldParameters field = new SignatureFieldParameters();
        if (job.has("field")) {
            field.setFieldId(job.getString("field"));
        }
        SignatureImageParameters image = new SignatureImageParameters();
        if (job.optBoolean("visible")) {
            SignatureImageTextParameters text = new SignatureImageTextParameters();
            text.setText("Signed by a test person");
            image.setTextParameters(text);
            if (!job.has("field")) {
                field.setOriginX(50);
                field.setOriginY(50);
                field.setWidth(200);
                field.setHeight(50);
            }
        }
        image.setFieldParameters(field);
        parameters.setImageParameters(image);
    }
}
