import eu.europa.esig.dss.diagnostic.CertificateWrapper;
import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.EvidenceRecordWrapper;
import eu.europa.esig.dss.diagnostic.PDFRevisionWrapper;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.jaxb.XmlDigestMatcher;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.enumerations.SubIndication;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.spi.x509.revocation.ocsp.ExternalResourcesOCSPSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONObject;

/**
 * Judges one file offline, with DSS's default policy: "file", "trust" (certificate files), "crl" and "ocsp"
 * (files), "at" (RFC 3339, optional), "password", "detached" (file, optional), "evidenceRecords" (files beside it).
 */
final class Judge {
    private Judge() {}

    static void judge(JSONObject job, JSONObject answer) {
        SignedDocumentValidator validator = open(job);
        validator.setCertificateVerifier(verifier(job));
        if (job.has("at")) {
            validator.setValidationTime(Date.from(Instant.parse(job.getString("at"))));
        }
        if (job.has("detached")) {
            List<DSSDocument> detached = new ArrayList<>();
            detached.add(new FileDocument(new File(job.getString("detached"))));
            validator.setDetachedContents(detached);
        }
        if (job.has("evidenceRecords")) {
            validator.setDetachedEvidenceRecordDocuments(Arrays.asList(Levels.documents(job, "evidenceRecords")));
        }
        Reports reports = validator.validateDocument();
        JSONArray signatures = new JSONArray();
        long length = new File(job.getString("file")).length();
        DiagnosticData data = reports.getDiagnosticData();
        for (SignatureWrapper signature : data.getSignatures()) {
            signatures.put(row(signature, reports.getSimpleReport(), length));
        }
        answer.put("signatures", signatures);
        answer.put("timestamps", data.getTimestampList().size());
        JSONArray tokens = new JSONArray();
        for (TimestampWrapper token : data.getTimestampList()) {
            tokens.put(token(token, reports.getSimpleReport()));
        }
        answer.put("tokens", tokens);
        JSONArray records = new JSONArray();
        for (EvidenceRecordWrapper record : data.getEvidenceRecords()) {
            records.put(record(record, reports.getSimpleReport()));
        }
        answer.put("evidenceRecords", records);
    }

    private static SignedDocumentValidator open(JSONObject job) {
        FileDocument document = new FileDocument(new File(job.getString("file")));
        if (job.has("password")) {
            PDFDocumentValidator pdf = new PDFDocumentValidator(document);
            pdf.setPasswordProtection(job.getString("password").toCharArray());
            return pdf;
        }
        return SignedDocumentValidator.fromDocument(document);
    }

    /** No AIA, OCSP or trusted list source: nothing of this asks a network. */
    private static CommonCertificateVerifier verifier(JSONObject job) {
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setAIASource(null);
        verifier.setOcspSource(null);
        verifier.setCrlSource(null);
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        for (String file : strings(job, "trust")) {
            trusted.addCertificate(DSSUtils.loadCertificate(new File(file)));
        }
        verifier.setTrustedCertSources(trusted);
        List<DSSDocument> crls = new ArrayList<>();
        for (String file : strings(job, "crl")) {
            crls.add(new FileDocument(new File(file)));
        }
        if (!crls.isEmpty()) {
            verifier.setCrlSource(new ExternalResourcesCRLSource(crls.toArray(new DSSDocument[0])));
        }
        if (job.has("ocsp")) {
            verifier.setOcspSource(new ExternalResourcesOCSPSource(Levels.documents(job, "ocsp")));
        }
        return verifier;
    }

    private static JSONObject row(SignatureWrapper signature, SimpleReport simple, long length) {
        JSONObject row = new JSONObject();
        Indication indication = simple.getIndication(signature.getId());
        SubIndication sub = simple.getSubIndication(signature.getId());
        row.put("indication", String.valueOf(indication));
        row.put("subIndication", sub == null ? JSONObject.NULL : sub.name());
        row.put("level", String.valueOf(signature.getSignatureFormat()));
        row.put("intact", digestsIntact(signature));
        row.put("valid", signature.isSignatureIntact());
        row.put("structure", signature.isStructuralValidationValid());
        row.put("structureNotes", new JSONArray(signature.getStructuralValidationMessages()));
        row.put("baseline", signature.isBLevelTechnicallyValid());
        CertificateWrapper signer = signature.getSigningCertificate();
        row.put("signer", signer == null ? JSONObject.NULL : signer.getCertificateDN());
        row.put("trusted", signature.isTrustedChain());
        row.put("digest", String.valueOf(signature.getDigestAlgorithm()));
        row.put("algorithm", String.valueOf(signature.getSignatureAlgorithm()));
        row.put("errors", messages(simple.getAdESValidationErrors(signature.getId())));
        row.put("warnings", messages(simple.getAdESValidationWarnings(signature.getId())));
        revision(row, signature.getPDFRevision(), length);
        return row;
    }

    private static JSONObject token(TimestampWrapper token, SimpleReport simple) {
        JSONObject row = new JSONObject();
        SubIndication sub = simple.getSubIndication(token.getId());
        row.put("type", String.valueOf(token.getType()));
        row.put("indication", String.valueOf(simple.getIndication(token.getId())));
        row.put("subIndication", sub == null ? JSONObject.NULL : sub.name());
        row.put("errors", messages(simple.getAdESValidationErrors(token.getId())));
        return row;
    }

    private static JSONObject record(EvidenceRecordWrapper record, SimpleReport simple) {
        JSONObject row = new JSONObject();
        SubIndication sub = simple.getSubIndication(record.getId());
        row.put("type", String.valueOf(record.getEvidenceRecordType()));
        row.put("indication", String.valueOf(simple.getIndication(record.getId())));
        row.put("subIndication", sub == null ? JSONObject.NULL : sub.name());
        row.put("errors", messages(simple.getAdESValidationErrors(record.getId())));
        boolean found = false;
        for (XmlDigestMatcher matcher : record.getDigestMatchers()) {
            found |= matcher.isDataFound() && matcher.isDataIntact();
        }
        row.put("covers", found);
        row.put("timestamps", record.getTimestampList().size());
        return row;
    }

    private static boolean digestsIntact(SignatureWrapper signature) {
        for (XmlDigestMatcher matcher : signature.getDigestMatchers()) {
            if (!matcher.isDataFound() || !matcher.isDataIntact()) {
                return false;
            }
        }
        return !signature.getDigestMatchers().isEmpty();
    }

    private static void revision(JSONObject row, PDFRevisionWrapper revision, long length) {
        if (revision == null) {
            return;
        }
        row.put("field", revision.getFirstFieldName() == null ? "" : revision.getFirstFieldName());
        row.put("subFilter", String.valueOf(revision.getSubFilter()));
        row.put("byteRangeValid", revision.isSignatureByteRangeValid());
        row.put("consistent", revision.isPdfSignatureDictionaryConsistent());
        List<BigInteger> range = revision.getSignatureByteRange();
        row.put("wholeFile", range.size() == 4 && range.get(2).add(range.get(3)).longValue() == length);
        row.put("modified", revision.arePdfModificationsDetected());
        row.put("undefinedChanges", revision.getPdfUndefinedChanges().size());
        row.put("formChanges", revision.getPdfSignatureOrFormFillChanges().size());
        row.put("annotationChanges", revision.getPdfAnnotationChanges().size());
        row.put("docmdp", String.valueOf(revision.getDocMDPPermissions()));
    }

    private static JSONArray messages(List<Message> messages) {
        JSONArray texts = new JSONArray();
        for (Message message : messages) {
            texts.put(message.getKey());
        }
        return texts;
    }

    static List<String> strings(JSONObject job, String member) {
        List<String> strings = new ArrayList<>();
        JSONArray array = job.optJSONArray(member);
        for (int i = 0; array != null && i < array.length(); i++) {
            strings.add(array.getString(i));
        }
        return strings;
    }
}
