import eu.europa.esig.dss.alert.SilentOnStatusAlert;
import eu.europa.esig.dss.alert.StatusAlert;
import eu.europa.esig.dss.asic.cades.ASiCWithCAdESSignatureParameters;
import eu.europa.esig.dss.asic.cades.signature.ASiCWithCAdESService;
import eu.europa.esig.dss.asic.xades.ASiCWithXAdESSignatureParameters;
import eu.europa.esig.dss.asic.xades.signature.ASiCWithXAdESService;
import eu.europa.esig.dss.cades.CAdESSignatureParameters;
import eu.europa.esig.dss.cades.signature.CAdESService;
import eu.europa.esig.dss.enumerations.ASiCContainerType;
import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.enumerations.SignaturePackaging;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.SignatureValue;
import eu.europa.esig.dss.model.ToBeSigned;
import eu.europa.esig.dss.pades.PAdESSignatureParameters;
import eu.europa.esig.dss.pades.signature.PAdESService;
import eu.europa.esig.dss.signature.AbstractSignatureParameters;
import eu.europa.esig.dss.signature.AbstractSignatureService;
import eu.europa.esig.dss.signature.MultipleDocumentsSignatureService;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.spi.x509.revocation.ocsp.ExternalResourcesOCSPSource;
import eu.europa.esig.dss.spi.x509.tsp.KeyEntityTSPSource;
import eu.europa.esig.dss.token.DSSPrivateKeyEntry;
import eu.europa.esig.dss.token.Pkcs12SignatureToken;
import eu.europa.esig.dss.xades.XAdESSignatureParameters;
import eu.europa.esig.dss.xades.signature.XAdESService;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.security.KeyStore;
import java.security.KeyStore.PasswordProtection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONObject;

/**
 * Signs at every baseline level, at times that the job gives: "format" (pades, cades, xades, asic-s-cades,
 * asic-e-cades, asic-s-xades, asic-e-xades), "packaging" (DSS name), "level" (B, T, LT), "files", "out", "p12",
 * "p12Password", "at", "tsa" ({"p12", "p12Password", "at"}), "step" ({"trust", "crl", "ocsp"}), and "archives": steps
 * with a "tsa" each, every one an augmentation to LTA.
 */
@SuppressWarnings({"unchecked", "rawtypes"})
final class Levels {
    private Levels() {}

    static void sign(JSONObject job) throws Exception {
        PasswordProtection pin = new PasswordProtection(job.getString("p12Password").toCharArray());
        try (Pkcs12SignatureToken token = new Pkcs12SignatureToken(new File(job.getString("p12")), pin)) {
            DSSPrivateKeyEntry key = token.getKeys().get(0);
            List<DSSDocument> documents = new ArrayList<>();
            for (String file : Judge.strings(job, "files")) {
                documents.add(new FileDocument(new File(file)));
            }
            AbstractSignatureParameters parameters = parameters(job, key, job.getString("level"));
            AbstractSignatureService service = service(job, job.getJSONObject("step"));
            service.setTspSource(unit(job.getJSONObject("tsa")));
            DSSDocument signed;
            if (service instanceof MultipleDocumentsSignatureService && documents.size() > 1) {
                MultipleDocumentsSignatureService many = (MultipleDocumentsSignatureService) service;
                ToBeSigned octets = many.getDataToSign(documents, parameters);
                signed = many.signDocument(documents, parameters, value(token, octets, parameters, key));
            } else {
                ToBeSigned octets = service.getDataToSign(documents.get(0), parameters);
                signed = service.signDocument(documents.get(0), parameters, value(token, octets, parameters, key));
            }
            JSONArray archives = job.optJSONArray("archives");
            for (int i = 0; archives != null && i < archives.length(); i++) {
                JSONObject archive = archives.getJSONObject(i);
                AbstractSignatureService augmenter = service(job, archive.getJSONObject("step"));
                augmenter.setTspSource(unit(archive.getJSONObject("tsa")));
                AbstractSignatureParameters level = parameters(job, key, "LTA");
                if (level.getSignaturePackaging() == SignaturePackaging.DETACHED) {
                    level.setDetachedContents(documents);
                }
                signed = augmenter.extendDocument(signed, level);
            }
            signed.save(job.getString("out"));
        }
    }

    private static SignatureValue value(Pkcs12SignatureToken token, ToBeSigned octets,
            AbstractSignatureParameters parameters, DSSPrivateKeyEntry key) {
        return token.sign(octets, parameters.getSignatureAlgorithm(), key);
    }

    private static AbstractSignatureParameters parameters(JSONObject job, DSSPrivateKeyEntry key, String level) {
        String format = job.getString("format");
        AbstractSignatureParameters parameters;
        if (format.equals("pades")) {
            parameters = new PAdESSignatureParameters();
        } else if (format.equals("cades")) {
            parameters = new CAdESSignatureParameters();
        } else if (format.equals("xades")) {
            parameters = new XAdESSignatureParameters();
        } else if (format.endsWith("cades")) {
            ASiCWithCAdESSignatureParameters container = new ASiCWithCAdESSignatureParameters();
            container.aSiC().setContainerType(container(format));
            parameters = container;
        } else {
            ASiCWithXAdESSignatureParameters container = new ASiCWithXAdESSignatureParameters();
            container.aSiC().setContainerType(container(format));
            parameters = container;
        }
        String family = format.endsWith("xades") ? "XAdES" : format.endsWith("cades") ? "CAdES" : "PAdES";
        parameters.setSignatureLevel(SignatureLevel.valueOf(family + "_BASELINE_" + level));
        if (job.has("packaging")) {
            parameters.setSignaturePackaging(SignaturePackaging.valueOf(job.getString("packaging")));
        }
        parameters.setSigningCertificate(key.getCertificate());
        parameters.setCertificateChain(key.getCertificateChain());
        parameters.setDigestAlgorithm(DigestAlgorithm.SHA256);
        parameters.bLevel().setSigningDate(date(job));
        return parameters;
    }

    private static ASiCContainerType container(String format) {
        return format.startsWith("asic-s") ? ASiCContainerType.ASiC_S : ASiCContainerType.ASiC_E;
    }

    private static AbstractSignatureService service(JSONObject job, JSONObject step) {
        CommonCertificateVerifier verifier = verifier(step);
        String format = job.getString("format");
        switch (format) {
            case "pades":
                return new PAdESService(verifier);
            case "cades":
                return new CAdESService(verifier);
            case "xades":
                return new XAdESService(verifier);
            default:
                return format.endsWith("cades")
                        ? new ASiCWithCAdESService(verifier) : new ASiCWithXAdESService(verifier);
        }
    }

    /** What is known at a step. Nothing is refused: what was made on the timeline is old by the machine's clock. */
    private static CommonCertificateVerifier verifier(JSONObject step) {
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setAIASource(null);
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        for (String file : Judge.strings(step, "trust")) {
            trusted.addCertificate(DSSUtils.loadCertificate(new File(file)));
        }
        verifier.setTrustedCertSources(trusted);
        verifier.setCrlSource(new ExternalResourcesCRLSource(documents(step, "crl")));
        verifier.setOcspSource(new ExternalResourcesOCSPSource(documents(step, "ocsp")));
        StatusAlert silent = new SilentOnStatusAlert();
        verifier.setAlertOnExpiredCertificate(silent);
        verifier.setAlertOnNotYetValidCertificate(silent);
        verifier.setAlertOnRevokedCertificate(silent);
        verifier.setAlertOnMissingRevocationData(silent);
        verifier.setAlertOnNoRevocationAfterBestSignatureTime(silent);
        verifier.setAlertOnUncoveredPOE(silent);
        verifier.setAlertOnInvalidSignature(silent);
        verifier.setAlertOnInvalidTimestamp(silent);
        return verifier;
    }

    static DSSDocument[] documents(JSONObject job, String member) {
        return Judge.strings(job, member).stream().map(file -> new FileDocument(new File(file)))
                .toArray(DSSDocument[]::new);
    }

    /** A time-stamping unit that answers at the job's time. */
    private static KeyEntityTSPSource unit(JSONObject unit) throws Exception {
        char[] password = unit.getString("p12Password").toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream stream = new FileInputStream(unit.getString("p12"))) {
            store.load(stream, password);
        }
        KeyEntityTSPSource source = new KeyEntityTSPSource(store, store.aliases().nextElement(), password);
        source.setTsaPolicy("1.2.3.4.5");
        source.setAcceptedDigestAlgorithms(Arrays.asList(DigestAlgorithm.SHA256, DigestAlgorithm.SHA512));
        source.setProductionTime(date(unit));
        return source;
    }

    private static Date date(JSONObject job) {
        return Date.from(Instant.parse(job.getString("at")));
    }
}
