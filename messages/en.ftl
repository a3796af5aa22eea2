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
ask-proof-of-existence = Does a proof of time settle what is not good any more today?
ask-timestamp-order = Are the timestamps in a possible order?
ask-timestamp-purpose = Is the certificate of the authority for timestamps and nothing else?
ask-timestamp-not-later = Is the timestamp not newer than the time of this validation?
ask-validation-data = Were all certificates and revocation data looked at?
ask-timestamp-required = Is there a good timestamp over the signature?
ask-timestamp-before-revocation = Was the status of the certificate told after the timestamp?
ask-revocation-delay = Was it told soon after the timestamp?
ask-claimed-time = Is the claimed time possible?
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
imprint-differs = the timestamp is about other bytes
issue-settled = { $issue } does not matter: it is proven that the signature existed at { $time }
issue-without-proof = { $issue } stands: no good timestamp proves when the signature existed
issue-open = { $issue } stands, although the signature is proven to have existed at { $time }
control-time = for signatures that existed at { $time } the certificates are proven to have been good
control-time-too-early = only for signatures that existed at { $time } the certificates are proven to have been good
past-path-missing = at no time was there a valid path for { $name }
past-status-missing = no status of { $name } is proven to be old enough
past-certificate-unproven = the certificate of { $name } is not proven to be old enough
timestamp-purpose-only = { $name } is for timestamps only
timestamp-purpose-other = { $name } is not for timestamps alone, or does not say so critically
timestamp-in-past = the timestamp of { $time } was made before
timestamp-from-future = the timestamp of { $time } is newer than the time of this validation, so that it proves nothing
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
claimed-time-impossible = claimed is { $claimed }, but the signature existed at { $proven } already
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
time-proven = the signature existed at { $time }, proven by a timestamp
time-bracketed = made between { $lower } and { $time }, proven by timestamps
time-claimed = the signer's clock said { $time }; nothing proves it
time-absent = no time is stated
changes-none = nothing was added after this signature
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
hint-compare-revision = extract and read the signed revision, and compare
hint-compare-and-ask = extract and read the signed revision, and ask the sender why the file was changed
