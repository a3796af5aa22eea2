# Meldungen der Berichte auf Deutsch. Was in Klammern steht, wird eingesetzt; Teilsätze enden ohne Punkt.

## Fragen einer Prüfung

ask-format = Lässt sich die Signatur lesen?
ask-coverage = Erfasst die Signatur das ganze Dokument, wie es bei der Unterzeichnung war?
ask-dictionary = Hält die Signatur die Form ein, die alle Leseprogramme gleich verstehen?
ask-whole-document = Sind alle Dateien des Containers signiert?
ask-signed-bytes = Sind die signierten Daten noch die, die signiert wurden?
ask-signature-value = Wurde die Signatur mit dem Schlüssel des Zertifikats erstellt?
ask-later-changes = Ist alles zulässig, was später hinzugefügt wurde?
ask-signing-certificate = Steht fest, welches Zertifikat signiert hat?
ask-signing-certificate-attribute = Nennt die Signatur selbst ihr Zertifikat?
ask-certificate-path = Bürgt jemand für das Zertifikat, dem Sie vertrauen?
ask-certificate-algorithms = Ist das Zertifikat selbst mit einem verlässlichen Verfahren signiert?
ask-revocation-known = Ist der Status des Zertifikats bekannt?
ask-not-revoked = Ist das Zertifikat nicht gesperrt?
ask-revocation-fresh = Ist sein Status aktuell genug bekannt?
ask-algorithms = Sind die Verfahren der Signatur verlässlich?
ask-timestamp-imprint = Bezieht sich der Zeitstempel auf diese Daten?
ask-beacon-named = Nennt der signierte Vermerk genau diesen Zeitstempel?
ask-proof-of-existence = Erledigt ein Zeitnachweis, was heute nicht mehr gut ist?
ask-timestamp-not-later = Liegt der Zeitstempel nicht nach dem Zeitpunkt dieser Prüfung?
ask-timestamp-validity = War das Zertifikat der Stelle zu dem Zeitpunkt, den der Zeitstempel nennt, schon gültig?
ask-validation-data = Wurden alle Zertifikate und Sperrdaten ausgewertet?
ask-timestamp-purpose = Ist das Zertifikat der Stelle für Zeitstempel und nichts anderes bestimmt?
ask-timestamp-order = Ist die Reihenfolge der Zeitstempel möglich?
ask-timestamp-required = Gibt es einen guten Zeitstempel über die Signatur?
ask-timestamp-before-revocation = Wurde der Status des Zertifikats nach dem Zeitstempel mitgeteilt?
ask-revocation-delay = Wurde er bald nach dem Zeitstempel mitgeteilt?
ask-claimed-time = Ist die angegebene Zeit möglich?
ask-signature-policy = Liegt das Dokument der genannten Signaturrichtlinie vor?
ask-timestamp-delay = Entstand der Zeitstempel bald nach der angegebenen Zeit?
ask-baseline-level = Wird die Stufe der Signatur anerkannt?
ask-pinned-certificate = Vertrauen Sie dem Zertifikat des Unterzeichners selbst?
ask-qualified-certificate = Gibt das Zertifikat an, qualifiziert zu sein?

## Antworten

yes = ja
detail = { $text }
format-readable = es ist eine Signatur im Format { $format }
coverage-whole = sie erfasst einen ganzen Stand der Datei
dictionary-fine = nichts darin lässt sich auf zwei Weisen lesen
members-covered = alle { $of } Dateien sind signiert
members-left-out = nur { $covered } von { $of } Dateien sind signiert
members-none = die Signatur erfasst keine der Dateien mit Daten: Sie sagt nichts über sie aus
document-left-out = die Signatur erfasst einen Teil des Dokuments oder etwas in ihr selbst, nicht aber das Dokument, das gezeigt wird: Darüber sagt sie nichts aus
signed-bytes-same = die signierten Daten sind unverändert
signed-bytes-changed = die signierten Daten wurden nach der Unterzeichnung verändert
signature-value-right = der Signaturwert passt zu den signierten Daten und zum Schlüssel des Unterzeichners
signature-value-wrong = der Signaturwert passt nicht zu den signierten Daten und zum Schlüssel des Unterzeichners
changes-allowed = nichts Unzulässiges wurde hinzugefügt
signer-found = es ist das Zertifikat von { $name }
signer-absent = das Zertifikat des Unterzeichners ist nicht in der Datei
signer-contradicted = die Signatur nennt ein anderes Zertifikat als das beigefügte
signer-named = die Signatur enthält den Hashwert ihres Zertifikats
signer-not-named = die Signatur nennt ihr Zertifikat nur mit Aussteller und Nummer
path-found = es führt zu { $name }, dem Sie vertrauen
path-missing = kein Vertrauensanker bürgt für { $name }
path-fault = { $fault } ({ $name })
certificate-reliable = das Zertifikat von { $name } ist mit einem verlässlichen Verfahren signiert
revocation-said = der Status von { $name } ist mit Stand { $time } bekannt
revocation-unknown = für { $name } liegen keine Sperrinformationen vor
revocation-unknown-despite-data = die vorliegenden Sperrinformationen sagen nichts über { $name }
revocation-weak = die Sperrinformationen für { $name } sind mit einem nicht mehr verlässlichen Verfahren signiert
certificate-revoked = { $name } wurde am { $time } gesperrt ({ $reason })
certificate-on-hold = { $name } wurde am { $time } vorläufig gesperrt
not-revoked = { $name } ist nicht gesperrt
revocation-recent = der Status von { $name } ist aktuell genug
revocation-stale = der Status von { $name } ist nur mit Stand { $time } bekannt
algorithm-reliable = { $algorithm } ist verlässlich
algorithm-weak-since = { $algorithm } ist seit { $time } nicht mehr verlässlich
algorithm-weak = { $algorithm } ist nicht verlässlich
imprint-matches = der Zeitstempel bezieht sich genau auf diese Daten
beacon-named = der Hashwert im Vermerk ist der dieses Zeitstempels
imprint-differs = der Zeitstempel bezieht sich auf andere Daten
issue-settled = { $issue } spielt keine Rolle: nachweislich bestand die Signatur schon am { $time }
issue-without-proof = { $issue } bleibt bestehen: kein guter Zeitstempel belegt, wann die Signatur bestand
issue-open = { $issue } bleibt bestehen, obwohl die Signatur nachweislich am { $time } bestand
control-time = für Signaturen, die am { $time } bestanden, waren die Zertifikate nachweislich gut
control-time-too-early = nur für Signaturen, die am { $time } bestanden, waren die Zertifikate nachweislich gut
past-path-missing = zu keiner Zeit gab es einen gültigen Zertifizierungspfad für { $name }
past-status-missing = keine Statusauskunft zu { $name } ist nachweislich alt genug (NO_POE)
past-certificate-unproven = das Zertifikat von { $name } ist nicht nachweislich alt genug (NO_POE)
timestamps-ordered = jeder Zeitstempel ist älter als der, der ihn erfasst
timestamps-disordered = ein Zeitstempel vom { $inner } wird von einem vom { $outer } erfasst
timestamp-there = die Signatur bestand am { $time }
timestamp-absent = kein guter Zeitstempel erfasst die Signatur
revocation-after-timestamp = der Status wurde nach dem Zeitstempel vom { $time } mitgeteilt
revocation-before-timestamp = der Status wurde nur vor dem Zeitstempel vom { $time } mitgeteilt
revocation-soon = er wurde { $minutes } Minuten nach dem Zeitstempel mitgeteilt
revocation-late = er wurde erst { $minutes } Minuten nach dem Zeitstempel mitgeteilt
claimed-time-possible = angegeben ist { $claimed }, nachgewiesen { $proven }
signature-policy-at-hand = ein Dokument mit dem signierten Hashwert liegt vor; seine Bestimmungen sind von Menschen zu lesen
signature-policy-not-at-hand = kein Dokument mit dem signierten Hashwert liegt vor
signature-policy-unusable = { $why }
timestamp-delay-unknown = dazu braucht es eine angegebene Zeit und einen Zeitstempel
timestamp-delayed = angegeben ist { $claimed }, und der Zeitstempel von { $proven } ist später als erlaubt
timestamp-soon = der Zeitstempel von { $time } liegt in der erlaubten Zeit
claimed-time-impossible = angegeben ist { $claimed }, aber die Signatur bestand schon am { $proven }
claimed-time-too-early = angegeben ist { $claimed }, aber die Signatur ist nachweislich jünger als { $proven }
claimed-time-before-beacon = angegeben ist { $claimed }, aber die Signatur nennt etwas vom { $proven } („{ $source }“): eine dieser Angaben ist falsch
level-accepted = die Stufe ist { $level }
level-not-accepted = die Stufe { $level } gehört nicht zu denen, die die Richtlinie anerkennt
certificate-pinned = Sie vertrauen genau diesem Zertifikat
certificate-not-pinned = Sie vertrauen nicht genau diesem Zertifikat
certificate-qualified = das Zertifikat gibt an, qualifiziert zu sein
certificate-not-qualified = das Zertifikat gibt nicht an, qualifiziert zu sein

## Was bekannt ist, je Gesichtspunkt

signature-unreadable = die Signatur ließ sich nicht lesen
integrity-proven = die signierten Daten sind unverändert, und der Signaturwert passt
identity-bound = signiert mit dem Schlüssel von { $name }, in der Signatur selbst genannt
identity-named = signiert mit dem Schlüssel von { $name }
identity-claimed = gibt an, von { $name } signiert zu sein
trust-direct = Sie vertrauen dem Zertifikat des Unterzeichners unmittelbar
trust-anchored = das Zertifikat führt zu { $name }, dem Sie vertrauen
trust-not-sought = es gibt kein Zertifikat, das man nachsehen könnte
revocation-not-sought = ohne vertrauenswürdigen Pfad kann das niemand sagen
revocation-direct = Sie vertrauen diesem Zertifikat unmittelbar, also kann es sonst niemand sperren
revocation-exempt = der Aussteller veröffentlicht für diese Zertifikate keine Sperrungen (RFC 9608)
revocation-good = nicht gesperrt, Stand { $time }
revocation-old = nicht gesperrt mit Stand { $time }; das ist zu lange her
revoked-later = { $name } wurde am { $time } gesperrt, aber die Signatur bestand schon am { $proven }
timestamp-in-past = der Zeitstempel vom { $time } liegt davor
timestamp-from-future = der Zeitstempel vom { $time } liegt nach dem Zeitpunkt dieser Prüfung und weist deshalb nichts nach
timestamp-after-certificate = { $time } liegt nicht vor dem Beginn seiner Gültigkeit am { $from }
timestamp-before-certificate = der Zeitstempel nennt den { $time }, sein Zertifikat ist aber erst ab dem { $from } gültig: er wurde nicht zu diesem Zeitpunkt erstellt und weist nichts nach
validation-data-complete = alles wurde ausgewertet
validation-data-left-out = eine Grenze war erreicht, bevor alles ausgewertet war; was fehlt, kann besagen, dass ein Zertifikat gesperrt ist
timestamp-purpose-only = { $name } ist nur für Zeitstempel bestimmt
timestamp-purpose-other = { $name } ist nicht allein für Zeitstempel bestimmt oder sagt es nicht als kritisch
time-stamped = die Uhr der Zeitstempelstelle zeigte { $time }
time-proven = die Signatur bestand am { $time }, durch einen Zeitstempel nachgewiesen
time-bracketed = zwischen { $lower } und { $time } erstellt, durch Zeitstempel nachgewiesen
time-claimed = die Uhr des Unterzeichners zeigte { $time }; nichts belegt das
time-claimed-after = die Uhr des Unterzeichners zeigte { $time }, was nichts belegt; nachgewiesen ist nur, dass es nach { $lower } war
time-contradicted = unmöglich: eines belegt, dass sie nach { $lower } erstellt wurde, ein anderes, dass sie am { $upper } bestand
time-absent = es ist keine Zeit angegeben
changes-none = nach dieser Signatur wurde nichts hinzugefügt
changes-members-covered = jede Datei mit Daten ist erfasst; was sonst nicht erfasst ist, wird genannt
changes-members-left-out = { $left ->
    [one] eine Datei ist
   *[other] { $left } Dateien sind
} nicht erfasst und womöglich später hinzugekommen oder geändert worden
changes-content-alone = sie erfasst allein ihren Inhalt und sagt nichts über andere Dateien aus
changes-permitted = was später hinzukam, ist zulässig und ändert nichts am Signierten
changes-overlaid = was zu sehen ist, ist womöglich nicht das Signierte: { $what }
changes-suspicious = nach der Unterzeichnung verändert: { $what }{ $more ->
    [0] {""}
   *[other] {" "}und { $more } weitere
}
changes-not-analysed = spätere Änderungen ließen sich nicht beurteilen: { $why }

## Was zu tun ist

hint-original = verlassen Sie sich nicht auf diese Datei; bitten Sie den Absender um das Original
hint-supported-format = bitten Sie den Absender um die Originaldatei oder um eine Signatur in einem unterstützten Format
hint-new-signature = bitten Sie um eine neue Signatur mit einem zeitgemäßen Verfahren oder um den Nachweis, dass diese älter ist
hint-ask-certificate = bitten Sie den Unterzeichner um das Zertifikat
hint-trust-add = wenn Sie anderweitig wissen, dass dieses Zertifikat echt ist: undersign trust add CERTIFICATE
hint-trust-remove = entfernen Sie es aus Ihrem Vertrauensspeicher, falls der Inhaber den Verlust des Schlüssels meldet
hint-ask-issuer = fragen Sie den Aussteller des Zertifikats
hint-ask-signer = bitten Sie den Unterzeichner um eine neue Signatur
hint-check-clock = prüfen Sie die Uhr dieses Rechners oder die mit --at angegebene Zeit
hint-proof-of-time = der Nachweis, dass die Signatur älter ist als das Ende des Zertifikats (ein Zeitstempel), würde das klären
hint-revocation-data = der Aussteller kann sagen, ob das Zertifikat gesperrt wurde
hint-timestamp = nur ein Zeitstempel einer unabhängigen Stelle weist nach, wann signiert wurde
hint-timestamp-not-good = die Datei enthält einen Zeitstempel, der aber nicht nachweislich gut ist
hint-uncovered = halten Sie nichts von dem, was nicht erfasst ist, für signiert
hint-compare-revision = entnehmen Sie den signierten Stand, lesen und vergleichen Sie ihn
hint-compare-and-ask = entnehmen und lesen Sie den signierten Stand, und fragen Sie den Absender, warum die Datei verändert wurde

## Der Bericht

report-title = Prüfbericht
headline-unsigned = nicht signiert
headline-signatures = { $count ->
    [one] 1 Signatur
   *[other] { $count } Signaturen
}
page = Seite
heading-signatures = Signaturen
heading-timestamps = Zeitstempel
heading-acceptance = Wer erkennt das so an, wie es ist?
heading-findings = Auffälligkeiten
heading-dimensions = Was bekannt ist
heading-path = Zertifizierungspfad
heading-closing = Wie dieser Bericht zu lesen ist
head-dimension = Gesichtspunkt
head-state = Stand
head-reason = Begründung und Rat
head-certificate = Zertifikat
head-validity = Gültigkeit
head-status = Status
head-answer = Antwort
head-question = Frage
head-clause = Grundlage
group-signature = Fragen zur Signatur
group-path = Fragen zu den Zertifikaten
group-time = Fragen zur Zeit
closing-words = Nachgewiesen heißt: durch vorliegende Belege. Behauptet: vom Unterzeichner angegeben und durch nichts belegt. Unbekannt: aus dem Vorliegenden nicht zu erkennen; das heißt nicht falsch. Widerlegt: vorliegende Belege widersprechen.
closing-clock = Der Bericht sagt, was zum Zeitpunkt der Prüfung aus der Datei, den vertrauenswürdigen Zertifikaten und der Richtlinie folgt. Spätere Erkenntnisse können ändern, was nicht nachgewiesen ist. Einzelheiten zu Fehlern sind auf Englisch angegeben.
closing-law = Er ist keine Rechtsberatung, und der Bericht selbst ist nicht signiert.

label-file = Datei
label-kind = Dateiart
label-digest = Hashwert
label-length = Länge
label-validation-time = Geprüft zum Zeitpunkt
label-policy = Richtlinie
label-reason = angegebener Grund
label-place = angegebener Ort
label-signature-policy = genannte Signaturrichtlinie
label-format = Format
label-claimed-time = Angegebene Zeit
label-clock = Angaben des Geräts zu seiner Uhr
label-algorithm = Verfahren
label-accuracy = Genauigkeit
label-tsa-policy = Richtlinie der Stelle
label-imprint = Abdruck
label-covers = Erfasst
label-covered = Umfang
label-signer = Signiert von
label-issuer = Beglaubigt von
label-bracket = Nachgewiesene Zeit
bytes = { $count } Byte
seconds = { $seconds } s
policy-named = { $policy }, Fassung { $version }
judged-by = Richtlinie { $policy }, Fassung { $version }, zum Zeitpunkt { $time }
container-pdf = { $revisions ->
    [one] PDF mit 1 Stand
   *[other] PDF mit { $revisions } Ständen
}
container-cms = Signaturdatei (CMS)
container-xml = XML-Signatur
container-asic = { $members ->
    [one] Container { $kind } mit 1 Datei
   *[other] Container { $kind } mit { $members } Dateien
}

kind-signature = Signatur
kind-doc-timestamp = Dokumentzeitstempel
kind-evidence-record = Beweisdatensatz (Evidence Record)
kind-countersignature = Gegensignatur
signature-named = { $kind } im Feld „{ $field }“
record-named = { $kind } in der Datei „{ $field }“
signature-place = { $what }, { $coverage }
covers-file = erfasst die ganze Datei
covers-revision = erfasst Stand { $revision } der Datei
covers-content = erfasst den ganzen Inhalt
covers-members = erfasst { $covered } von { $of } Dateien
covers-parts = erfasst nur Teile der Datei
level-is = Stufe { $level }
signed-by = von { $name }
certified-by = beglaubigt von { $name }
bracket-both = zwischen { $lower } und { $upper } erstellt, durch Zeitstempel nachgewiesen
bracket-upper = spätestens am { $upper } erstellt, durch einen Zeitstempel nachgewiesen
bracket-lower = nach dem { $lower } erstellt, durch einen Zeitstempel nachgewiesen; wie lange danach, belegt nichts
bracket-beacon-both = nach dem { $lower } erstellt, durch ein Zeitzeichen nachgewiesen („{ $source }“), und spätestens am { $upper }, durch einen Zeitstempel nachgewiesen
bracket-beacon-lower = nach dem { $lower } erstellt, durch ein Zeitzeichen nachgewiesen („{ $source }“); wie lange danach, belegt nichts
bracket-contradicted = unmöglich: nachweislich jünger als { $lower } und nachweislich am { $upper } vorhanden
bracket-join = { $first }; { $second }
beacon-only-named = sie will jünger sein als { $time }, denn sie nennt ein Zeitzeichen („{ $source }“), das nicht vorliegt
beacon-given = sie will jünger sein als { $time }, denn sie nennt ein Zeitzeichen („{ $source }“), das vorliegt, dessen Zeit sich hier aber nicht beurteilen lässt
beacon-not-good = sie will jünger sein als { $time }, denn sie nennt ein Zeitzeichen („{ $source }“), dessen Zeitstempel hier nicht gilt
clock-said = die Uhr des Geräts zeigte nach eigener Angabe { $time }
clock-set-back = nach Angabe des Geräts war sie seit { $since } um { $by } zurückgestellt worden
clock-set-forward = nach Angabe des Geräts war sie seit { $since } um { $by } vorgestellt worden
clock-behind = nach Angabe des Geräts ging sie um { $by } gegen eine schon bekannte Zeit nach
clock-trusted = nach Angabe des Geräts hatte es zuletzt eine Zeit von außen, { $time }, { $age } zuvor

dimension-integrity = Unversehrtheit
dimension-identity = Identität
dimension-trust = Vertrauen
dimension-revocation = Sperrung
dimension-time = Zeit
dimension-changes = Änderungen
state-proven = nachgewiesen
state-claimed = behauptet
state-unknown = unbekannt
state-broken = widerlegt
answer-yes = ja
answer-no = nein
answer-warn = Warnung
answer-inform = Hinweis
severity-error = Fehler (Einzelheiten auf Englisch)
severity-warning = Warnung (Einzelheiten auf Englisch)
severity-info = Hinweis (Einzelheiten auf Englisch)

certificate-validity = vom { $from } bis { $to }, Seriennummer { $serial }
status-anchor = Vertrauensanker: diesem vertrauen Sie
status-direct = Sie vertrauen genau diesem Zertifikat
status-exempt = der Aussteller veröffentlicht keine Sperrungen
status-good = nicht gesperrt, Stand { $time }
status-revoked = am { $time } gesperrt ({ $reason })
status-unknown = nicht bekannt, ob gesperrt

## Worauf eine Signatur hinausläuft

amounts-passed = Alles, was die Richtlinie verlangt, ist erfüllt: „{ $name }“ hat signiert, und das Signierte ist unverändert. Wann, ist nicht nachgewiesen.
amounts-passed-at = Alles, was die Richtlinie verlangt, ist erfüllt: „{ $name }“ hat spätestens am { $time } signiert, und das Signierte ist unverändert.
amounts-passed-reserved = Alles, was die Richtlinie verlangt, ist erfüllt, aber nicht alles ist nachgewiesen; beachten Sie die Tabelle.
amounts-timestamp = Alles, was die Richtlinie verlangt, ist erfüllt: der Zeitstempel ist gut, und was er erfasst, ist unverändert.
amounts-evidence-record = Alles, was die Richtlinie verlangt, ist erfüllt: der Beweisdatensatz ist gut, und was er erfasst, bestand unverändert zur Zeit seines ersten Zeitstempels.
amounts-undecided = Weder nachgewiesen noch widerlegt: { $why }.
amounts-failed = Verlassen Sie sich nicht auf diese Signatur: { $why }.
token-good = Gut: was er erfasst, bestand am { $time }, sagt „{ $name }“.
token-undecided = Weder nachgewiesen noch widerlegt, belegt hier also nichts: { $why }.
token-failed = Verlassen Sie sich nicht auf diesen Zeitstempel: { $why }.
because-format-failure = die Regeln des Formats sind verletzt, oder das Erfasste wurde auf unzulässige Weise verändert oder ergänzt
because-hash-failure = die signierten Daten wurden nach der Unterzeichnung verändert
because-sig-crypto-failure = der Signaturwert passt nicht zum Schlüssel des Unterzeichners
because-revoked = die Signatur entstand nach der Sperrung des Zertifikats
because-expired = die Signatur entstand nach Ablauf des Zertifikats
because-not-yet-valid = die Signatur entstand, bevor das Zertifikat gültig wurde
because-sig-constraints-failure = die Signatur erfüllt nicht, was die Richtlinie verlangt, oder lässt sich nicht vollständig beurteilen
because-chain-constraints-failure = die Zertifikate dürfen so nicht verwendet werden
because-certificate-chain-general-failure = die Zertifikate ließen sich nicht zu Ende prüfen
because-crypto-constraints-failure = ein Verfahren war bei der Erstellung nicht mehr verlässlich
because-crypto-constraints-failure-no-poe = ein Verfahren ist nicht verlässlich, und nichts belegt eine Erstellung, solange es das war
because-timestamp-order-failure = die Reihenfolge der Zeitstempel ist unmöglich
because-no-signing-certificate-found = es steht nicht fest, welches Zertifikat signiert hat
because-no-certificate-chain-found = niemand, dem Sie vertrauen, bürgt für das Zertifikat
because-revoked-no-poe = das Zertifikat wurde gesperrt, und nichts belegt, dass die Signatur älter ist
because-revoked-ca-no-poe = das Zertifikat eines Ausstellers wurde gesperrt, und nichts belegt, dass die Signatur älter ist
because-out-of-bounds-not-revoked = das Zertifikat ist zu dieser Zeit nicht gültig; es wurde nicht gesperrt, aber nichts belegt, dass die Signatur älter ist
because-out-of-bounds-no-poe = das Zertifikat ist zu dieser Zeit nicht gültig, und nichts belegt, dass die Signatur älter ist
because-no-poe = nichts belegt, dass die Signatur alt genug ist
because-try-later = der Status eines Zertifikats ist nicht bekannt; neuere Sperrinformationen können ihn zeigen
because-signed-data-not-found = die signierten Daten oder ein Weg, sie zu prüfen, liegen nicht vor
because-policy-processing-error = die genannte Signaturrichtlinie lässt sich nicht bestimmen
because-signature-policy-not-available = das Dokument der genannten Signaturrichtlinie liegt nicht vor

## Zeitstempel

token-of = { $role } vom { $time }
role-content = Zeitstempel über den Inhalt
role-signature = Zeitstempel über die Signatur
role-references = Zeitstempel über Signatur und Verweise
role-archive = Archivzeitstempel
role-document = Dokumentzeitstempel
role-evidence-record = Zeitstempel eines Beweisdatensatzes (Evidence Record)
role-beacon = Zeitstempel, den der signierte Vermerk als Zeitzeichen nennt
token-covers-file = die ganze Datei außer ihm selbst
token-covers-prefix = die Datei bis Byte { $end }, außer ihm selbst
token-covers-objects = { $signatures ->
    [one] 1 Signatur
   *[other] { $signatures } Signaturen
}, { $others } weitere Objekte (Zertifikate, Sperrinformationen, Zeitstempel)

## Wer sie anerkennt

accepts = würde sie anerkennen
accepts-not = würde sie nicht anerkennen
accept-depends = kommt darauf an
accept-known = { $source } ({ $date }, { $confidence })
confidence-documented = dokumentiert
confidence-observed = ausprobiert
confidence-judged = eingeschätzt, Irrtum möglich
accept-broken = eine Signatur ist durchgefallen ({ $issue })
accept-not-judged = wie dort eine Signatur dieses Formats beurteilt wird, die hier nicht beurteilt wird
accept-container = Dateien der Art { $container } werden nicht angenommen
accept-format = Signaturen im Format { $format } werden nicht beurteilt, sondern als unbekannt oder ungültig angezeigt
accept-level = die Stufe ist { $level }; verlangt wird { $wanted }
accept-level-none = die Signatur hat keine der Grundstufen; verlangt wird { $wanted }
accept-trust = ob { $name } zu einem Zertifikat der Liste führt, der dort vertraut wird ({ $list }); diese Liste liegt nicht vor
accept-revoked = ein Zertifikat wurde gesperrt
accept-revocation-unknown = ob die Sperrinformationen in der Datei dort genügen
accept-revocation-missing = die Datei enthält keine Sperrinformationen, und dort werden keine abgerufen
accept-revocation-network = was der Aussteller bei einer Abfrage über das Netz zur Sperrung sagt
accept-revocation-before = der Status des Zertifikats wurde vor dem Zeitstempel vom { $time } mitgeteilt
accept-revocation-late = der Status des Zertifikats wurde erst { $minutes } Minuten nach dem Zeitstempel vom { $time } mitgeteilt
accept-digest = die Signatur beruht auf { $algorithm }
accept-later-changes = die Datei wurde nach der Signatur fortgeschrieben; wie das angezeigt wird, muss dort selbst gelesen werden
