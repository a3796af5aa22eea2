# Messages of reports in English. What stands in braces is inserted; sentences have no full stop at their end.

## Questions of a validation

ask-format = Can the signature be read?
ask-coverage = Does the signature cover the whole document as it was when it was signed?
ask-dictionary = Does the signature keep to the form that all readers understand alike?
ask-whole-document = Are all files in the container signed?
ask-signed-bytes = Are the signed bytes the ones that were signed?
ask-signature-value = Was the signature made with the key of the certificate?
ask-later-changes = Is everything that was added later allowed?
ask-signing-certificate = Is it clear which certificate signed?
ask-signing-certificate-attribute = Does the signature itself name its certificate?
ask-certificate-path = Does somebody you trust vouch for the certificate?
ask-certificate-algorithms = Is the certificate itself signed with a reliable algorithm?
ask-revocation-known = Is the status of the certificate known?
ask-not-revoked = Is the certificate free of revocation?
ask-revocation-fresh = Is its status known from recently enough?
ask-algorithms = Are the algorithms of the signature reliable?
ask-timestamp-imprint = Is the timestamp about these bytes?
ask-beacon-named = Does the signed record name exactly this timestamp?
ask-proof-of-existence = Does a proof of time settle what is not good any more today?
ask-timestamp-order = Are the timestamps in a possible order?
ask-timestamp-purpose = Is the certificate of the authority for timestamps and nothing else?
ask-timestamp-not-later = Is the timestamp not newer than the time of this validation?
ask-timestamp-validity = Was the certificate of the authority valid already at the time that the timestamp states?
ask-validation-data = Were all certificates and revocation data looked at?
ask-timestamp-required = Is there a good timestamp over the signature?
ask-timestamp-before-revocation = Was the status of the certificate told after the timestamp?
ask-revocation-delay = Was it told soon after the timestamp?
ask-claimed-time = Is the claimed time possible?
ask-signature-policy = Is the document of the named signature policy at hand?
ask-timestamp-delay = Was the timestamp made soon after the claimed time?
ask-baseline-level = Is the level of the signature an accepted one?
ask-pinned-certificate = Is the signer's certificate itself one that you trust?
ask-qualified-certificate = Does the certificate claim to be qualified?

## Answers

yes = yes
detail = { $text }
format-readable = it is a signature of the format { $format }
coverage-whole = it covers a whole revision of the file
dictionary-fine = nothing in it can be read in two ways
members-covered = all { $of } files are signed
members-left-out = only { $covered } of { $of } files are signed
members-none = the signature covers none of the files that hold data: it says nothing about them
document-left-out = the signature is over a part of the document, or over something inside itself, and not over the document that is shown: it says nothing about that
signed-bytes-same = the signed bytes are unchanged
signed-bytes-changed = the signed bytes were changed after signing
signature-value-right = the signature value fits the signed data and the signer's key
signature-value-wrong = the signature value does not fit the signed data and the signer's key
changes-allowed = nothing was added that is not allowed
signer-found = it is the certificate of { $name }
signer-absent = the signer's certificate is not in the file
signer-contradicted = the signature names another certificate than the one it comes with
signer-named = the signature holds the digest of its certificate
signer-not-named = the signature names its certificate by issuer and number only
path-found = it leads to { $name }, which you trust
path-missing = nothing that you trust vouches for { $name }
path-fault = { $fault } ({ $name })
certificate-reliable = the certificate of { $name } is signed with a reliable algorithm
revocation-said = the status of { $name } was told as of { $time }
revocation-unknown = no revocation data for { $name } are at hand
revocation-unknown-despite-data = the revocation data at hand say nothing about { $name }
revocation-weak = the revocation data for { $name } are signed with an algorithm that is not reliable any more
certificate-revoked = { $name } was revoked on { $time } ({ $reason })
certificate-on-hold = { $name } was put on hold on { $time }
not-revoked = { $name } is not revoked
revocation-recent = the status of { $name } is recent enough
revocation-stale = the status of { $name } is known as of { $time } only
algorithm-reliable = { $algorithm } is reliable
algorithm-weak-since = { $algorithm } is not reliable since { $time }
algorithm-weak = { $algorithm } is not reliable
imprint-matches = the timestamp is about exactly these bytes
beacon-named = the digest in the record is that of this timestamp
imprint-differs = the timestamp is about other bytes
issue-settled = { $issue } does not matter: it is proven that the signature existed at { $time }
issue-without-proof = { $issue } stands: no good timestamp proves when the signature existed
issue-open = { $issue } stands, although the signature is proven to have existed at { $time }
control-time = for signatures that existed at { $time } the certificates are proven to have been good
control-time-too-early = only for signatures that existed at { $time } the certificates are proven to have been good
past-path-missing = at no time was there a valid path for { $name }
past-status-missing = no status of { $name } is proven to be old enough (NO_POE)
past-certificate-unproven = the certificate of { $name } is not proven to be old enough (NO_POE)
timestamp-purpose-only = { $name } is for timestamps only
timestamp-purpose-other = { $name } is not for timestamps alone, or does not say so critically
timestamp-in-past = the timestamp of { $time } was made before
timestamp-from-future = the timestamp of { $time } is newer than the time of this validation, so that it proves nothing
timestamp-after-certificate = { $time } is not before the start of its validity on { $from }
timestamp-before-certificate = the timestamp states { $time }, but its certificate is valid from { $from } on only: it was not made at that time and proves nothing
validation-data-complete = everything was looked at
validation-data-left-out = a limit was reached before everything was looked at; what was left out may say that a certificate is revoked
timestamps-ordered = every timestamp is older than what covers it
timestamps-disordered = a timestamp of { $inner } is covered by one of { $outer }
timestamp-there = the signature existed at { $time }
timestamp-absent = no good timestamp covers the signature
revocation-after-timestamp = the status was told after the timestamp of { $time }
revocation-before-timestamp = the status was told before the timestamp of { $time } only
revocation-soon = it was told { $minutes } minutes after the timestamp
revocation-late = it was told only { $minutes } minutes after the timestamp
claimed-time-possible = claimed is { $claimed }, proven { $proven }
signature-policy-at-hand = a document with the signed digest is at hand; its clauses are for people to read
signature-policy-not-at-hand = no document with the signed digest is at hand
signature-policy-unusable = { $why }
timestamp-delay-unknown = a claimed time and a timestamp are needed for that
timestamp-delayed = claimed is { $claimed }, and the timestamp of { $proven } is later than allowed
timestamp-soon = the timestamp of { $time } is within the time allowed
claimed-time-impossible = claimed is { $claimed }, but the signature existed at { $proven } already
claimed-time-too-early = claimed is { $claimed }, but the signature is proven to be later than { $proven }
claimed-time-before-beacon = claimed is { $claimed }, but the signature names something of { $proven } ("{ $source }"): one of these claims is wrong
level-accepted = the level is { $level }
level-not-accepted = the level { $level } is not among those that the policy accepts
certificate-pinned = you trust this very certificate
certificate-not-pinned = you do not trust this very certificate
certificate-qualified = the certificate says that it is qualified
certificate-not-qualified = the certificate does not say that it is qualified

## What is known, per dimension

signature-unreadable = the signature could not be read
integrity-proven = the signed bytes are unchanged and the signature value fits
identity-bound = signed with the key of { $name }, named inside the signature
identity-named = signed with the key of { $name }
identity-claimed = claims to be signed by { $name }
trust-direct = the signer's certificate is one that you trust
trust-anchored = the certificate leads to { $name }, which you trust
trust-not-sought = there is no certificate to look up
revocation-not-sought = without a trusted path nobody can say
revocation-direct = you trust this certificate directly, so nobody else can revoke it
revocation-exempt = the issuer publishes no revocation for these certificates (RFC 9608)
revocation-good = not revoked, as of { $time }
revocation-old = not revoked as of { $time }, which is too long ago to say
revoked-later = { $name } was revoked on { $time }, but the signature existed at { $proven } already
time-stamped = the clock of the time-stamping authority said { $time }
time-proven = the signature existed at { $time }, proven by a timestamp
time-bracketed = made between { $lower } and { $time }, proven by timestamps
time-claimed = the signer's clock said { $time }; nothing proves it
time-claimed-after = the signer's clock said { $time }, which nothing proves; proven is only that it was after { $lower }
time-contradicted = impossible: something proves that it was made after { $lower }, something else that it existed at { $upper }
time-absent = no time is stated
changes-none = nothing was added after this signature
changes-members-covered = every file that holds data is covered; whatever else is not covered is named
changes-members-left-out = { $left ->
    [one] one file is
   *[other] { $left } files are
} not covered, and may have been added or changed since
changes-content-alone = it is over its content alone, and says nothing about other files
changes-permitted = what was added later is permitted and does not change what was signed
changes-overlaid = what shows may not be what was signed: { $what }
changes-suspicious = changed after signing: { $what }{ $more ->
    [0] {""}
   *[other] , and { $more } more
}
changes-not-analysed = later changes could not be judged: { $why }

## What to do

hint-original = do not rely on this file; ask the sender for the original
hint-supported-format = ask the sender for the original file, or for a signature in a supported format
hint-new-signature = ask for a new signature with a current algorithm, or for proof that this one is older
hint-ask-certificate = ask the signer for the certificate
hint-trust-add = if you know from elsewhere that this certificate is genuine: undersign trust add CERTIFICATE
hint-trust-remove = remove it from your trust store if its owner tells you that the key is lost
hint-ask-issuer = ask the issuer of the certificate
hint-ask-signer = ask the signer for a new signature
hint-check-clock = check the clock of this computer, or the time given with --at
hint-proof-of-time = proof that the signature is older than the end of the certificate (a timestamp) would settle it
hint-revocation-data = the issuer can say whether the certificate was revoked
hint-timestamp = only a timestamp by an independent authority proves when it was signed
hint-timestamp-not-good = the file carries a timestamp, but it is not proven to be good
hint-uncovered = take nothing in what is not covered for signed
hint-compare-revision = extract and read the signed revision, and compare
hint-compare-and-ask = extract and read the signed revision, and ask the sender why the file was changed

## The report

report-title = Validation report
headline-unsigned = not signed
headline-signatures = { $count ->
    [one] 1 signature
   *[other] { $count } signatures
}
page = Page
heading-signatures = Signatures
heading-timestamps = Timestamps
heading-acceptance = Who will accept this as it is?
heading-findings = What is noteworthy
heading-dimensions = What is known
heading-path = Certification path
heading-closing = How to read this report
head-dimension = Matter
head-state = State
head-reason = Why, and what to do
head-certificate = Certificate
head-validity = Validity
head-status = Status
head-answer = Answer
head-question = Question
head-clause = Asked by
group-signature = Questions about the signature
group-path = Questions about the certificates
group-time = Questions about time
closing-words = Proven means: by evidence at hand. Claimed: said by the signer and proven by nothing. Unknown: it cannot be known from what is at hand; that is not wrong. Broken: evidence at hand contradicts it.
closing-clock = The report says what follows from the file, the trusted certificates and the policy as of the time of validation. Later information may change what is not proven.
closing-law = It is no legal advice, and this report itself is not signed.

label-file = File
label-kind = Kind of file
label-digest = Digest
label-length = Length
label-validation-time = Validated as of
label-policy = Policy
label-reason = reason as claimed
label-place = place as claimed
label-signature-policy = signature policy named
label-format = Format
label-claimed-time = Time as claimed
label-clock = What the device said of its clock
label-algorithm = Algorithm
label-accuracy = Accuracy
label-tsa-policy = Policy of the authority
label-imprint = Imprint
label-covers = Covers
label-covered = Covers
label-signer = Signed by
label-issuer = Certified by
label-bracket = Proven time
bytes = { $count } bytes
seconds = { $seconds } s
policy-named = { $policy }, version { $version }
judged-by = policy { $policy } version { $version }, as of { $time }
container-pdf = { $revisions ->
    [one] PDF with 1 revision
   *[other] PDF with { $revisions } revisions
}
container-cms = signature file (CMS)
container-xml = XML signature
container-asic = { $members ->
    [one] container { $kind } with 1 file
   *[other] container { $kind } with { $members } files
}

kind-signature = signature
kind-doc-timestamp = document timestamp
kind-evidence-record = evidence record
kind-countersignature = countersignature
signature-named = { $kind } in field "{ $field }"
record-named = { $kind } in file "{ $field }"
signature-place = { $what }, { $coverage }
covers-file = covers the whole file
covers-revision = covers revision { $revision } of the file
covers-content = covers the whole content
covers-members = covers { $covered } of { $of } files
covers-parts = covers only parts of the file
level-is = level { $level }
signed-by = by { $name }
certified-by = certified by { $name }
bracket-both = made between { $lower } and { $upper }, proven by timestamps
bracket-upper = made no later than { $upper }, proven by a timestamp
bracket-lower = made after { $lower }, proven by a timestamp; nothing proves how long after
bracket-beacon-both = made after { $lower }, proven by a beacon ("{ $source }"), and no later than { $upper }, proven by a timestamp
bracket-beacon-lower = made after { $lower }, proven by a beacon ("{ $source }"); nothing proves how long after
bracket-contradicted = impossible: proven to be later than { $lower } and to have existed at { $upper }
bracket-join = { $first }; { $second }
beacon-only-named = it claims to be later than { $time } by naming a beacon ("{ $source }") that is not at hand
beacon-given = it claims to be later than { $time } by naming a beacon ("{ $source }") that is at hand, but whose time cannot be judged here
beacon-not-good = it claims to be later than { $time } by naming a beacon ("{ $source }") whose timestamp is not good here
clock-said = the clock of the device claimed { $time }
clock-set-back = by the word of the device it had been set back by { $by } since { $since }
clock-set-forward = by the word of the device it had been set forward by { $by } since { $since }
clock-behind = by the word of the device it was { $by } behind a time known before
clock-trusted = by the word of the device it last had a time from outside, { $time }, { $age } before

dimension-integrity = integrity
dimension-identity = identity
dimension-trust = trust
dimension-revocation = revocation
dimension-time = time
dimension-changes = changes
state-proven = proven
state-claimed = claimed
state-unknown = unknown
state-broken = broken
answer-yes = yes
answer-no = no
answer-warn = warn
answer-inform = note
severity-error = error
severity-warning = warning
severity-info = note

certificate-validity = from { $from } to { $to }, serial number { $serial }
status-anchor = you trust this one
status-direct = you trust this very certificate
status-exempt = its issuer publishes no revocation
status-good = not revoked, as of { $time }
status-revoked = revoked on { $time } ({ $reason })
status-unknown = not known whether revoked

## What a signature amounts to

amounts-passed = All that the policy asks for is met: "{ $name }" signed, and what was signed is unchanged. When is not proven.
amounts-passed-at = All that the policy asks for is met: "{ $name }" signed no later than { $time }, and what was signed is unchanged.
amounts-passed-reserved = All that the policy asks for is met, but not everything is proven; mind the table.
amounts-timestamp = All that the policy asks for is met: the timestamp is good, and what it covers is unchanged.
amounts-evidence-record = All that the policy asks for is met: the evidence record is good, and what it covers existed, unchanged, at the time of its first timestamp.
amounts-undecided = Neither proven nor refuted: { $why }.
amounts-failed = Do not rely on this signature: { $why }.
token-good = Good: what it covers existed at { $time }, says "{ $name }".
token-undecided = Neither proven nor refuted, so it proves nothing here: { $why }.
token-failed = Do not rely on this timestamp: { $why }.
because-format-failure = it breaks the rules of its format, or what it covers was changed or added to in a way that is not allowed
because-hash-failure = the signed bytes were changed after signing
because-sig-crypto-failure = the signature value does not fit the signer's key
because-revoked = it was made after the certificate was revoked
because-expired = it was made after the certificate had expired
because-not-yet-valid = it was made before the certificate became valid
because-sig-constraints-failure = it does not meet what the policy asks of signatures, or cannot be judged fully
because-chain-constraints-failure = the certificates may not be used in this way
because-certificate-chain-general-failure = the certificates could not be checked to the end
because-crypto-constraints-failure = an algorithm was not reliable any more when it was made
because-crypto-constraints-failure-no-poe = an algorithm is not reliable, and nothing proves that it was made while it was
because-timestamp-order-failure = the timestamps are in an order that cannot be
because-no-signing-certificate-found = it cannot be said for certain which certificate signed
because-no-certificate-chain-found = nobody you trust vouches for the certificate
because-revoked-no-poe = the certificate was revoked, and nothing proves that the signature is older
because-revoked-ca-no-poe = the certificate of an issuer was revoked, and nothing proves that the signature is older
because-out-of-bounds-not-revoked = the certificate is not valid at this time; it was not revoked, but nothing proves that the signature is older
because-out-of-bounds-no-poe = the certificate is not valid at this time, and nothing proves that the signature is older
because-no-poe = nothing proves that it is old enough
because-try-later = the status of a certificate is not known; newer revocation data may tell
because-signed-data-not-found = the signed data, or a way to check them, are not at hand
because-policy-processing-error = it names a signature policy that cannot be identified
because-signature-policy-not-available = the document of the signature policy that it names is not at hand

## Timestamps

token-of = { $role } of { $time }
role-content = timestamp over the content
role-signature = timestamp over the signature
role-references = timestamp over signature and references
role-archive = archive timestamp
role-document = document timestamp
role-evidence-record = timestamp of an evidence record
role-beacon = timestamp that the signed record names as a beacon
token-covers-file = the whole file but itself
token-covers-prefix = the file up to byte { $end }, but itself
token-covers-objects = { $signatures ->
    [one] 1 signature
   *[other] { $signatures } signatures
}, { $others } other objects (certificates, revocation data, timestamps)

## Who will accept it

accepts = would accept it
accepts-not = would not accept it
accept-depends = depends
accept-known = { $source } ({ $date }, { $confidence })
confidence-documented = documented
confidence-observed = tried
confidence-judged = judged, may be wrong
accept-broken = a signature has failed ({ $issue })
accept-not-judged = what it makes of a signature of this format, which is not judged here
accept-container = it does not take files of the kind { $container }
accept-format = it does not judge signatures of the format { $format } and shows them as unknown or invalid
accept-level = the level is { $level }; it takes { $wanted }
accept-level-none = the signature is of no baseline level; it takes { $wanted }
accept-trust = whether { $name } leads to a certificate of the list that it trusts ({ $list }); that list is not at hand
accept-revoked = a certificate was revoked
accept-revocation-unknown = whether the revocation data in the file suffice for it
accept-revocation-missing = the file carries no revocation data, and it fetches none
accept-revocation-network = what the issuer says about revocation when it is asked over the network
accept-revocation-before = the status of the certificate was told before the timestamp of { $time }
accept-revocation-late = the status of the certificate was told only { $minutes } minutes after the timestamp of { $time }
accept-digest = the signature rests on { $algorithm }
accept-later-changes = the file was continued after the signature; what it makes of that is for its user to read
