//! ZIP containers taken apart and put together again with something changed: members, names, order, copies.

use anyhow::{Context, Result, bail};

/// A member of a container.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its octets, not compressed.
    pub octets: Vec<u8>,
}

/// Reads the members with Python's `zipfile`, in the order of the file.
pub fn read(file: &std::path::Path) -> Result<Vec<Member>> {
    let script = "import sys,zipfile,json,base64\n\
        z=zipfile.ZipFile(sys.argv[1])\n\
        print(json.dumps([[i.filename,z.read(i).hex()] for i in z.infolist()]))";
    let output = std::process::Command::new("python3")
        .args(["-c", script])
        .arg(file)
        .output()
        .context("could not start python3")?;
    if !output.status.success() {
        bail!("{} is no ZIP: {}", file.display(), String::from_utf8_lossy(&output.stderr));
    }
    let members: Vec<(String, String)> = serde_json::from_slice(&output.stdout)?;
    members.into_iter().map(|(name, hex)| Ok(Member { name, octets: from_hex(&hex)? })).collect()
}

fn from_hex(hex: &str) -> Result<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(hex.get(at..at + 2).unwrap_or_default(), 16);
    (0..hex.len()).step_by(2).map(|at| pair(at).context("not hexadecimal")).collect()
}

/// Writes members without compression (PKWARE APPNOTE 4.3), names as they come, however odd.
pub fn write(members: &[Member]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let at = file.len();
        let fields = fields(member);
        file.extend(b"PK\x03\x04\x0a\x00");
        file.extend(&fields);
        file.extend([0, 0]);
        file.extend(member.name.as_bytes());
        file.extend(&member.octets);
        directory.extend(b"PK\x01\x02\x0a\x00\x0a\x00");
        directory.extend(&fields);
        directory.extend([0; 12]);
        directory.extend(number(at));
        directory.extend(member.name.as_bytes());
    }
    let (at, count) = (file.len(), u16::try_from(members.len()).unwrap_or(u16::MAX).to_le_bytes());
    file.extend(&directory);
    file.extend(b"PK\x05\x06\x00\x00\x00\x00");
    file.extend(count);
    file.extend(count);
    file.extend(number(directory.len()));
    file.extend(number(at));
    file.extend([0, 0]);
    file
}

/// Flags (names in UTF-8), method, time, date, checksum, both sizes, length of the name.
fn fields(member: &Member) -> Vec<u8> {
    let mut fields = vec![0, 8, 0, 0, 0, 0, 0x21, 0x50];
    fields.extend(checksum(&member.octets).to_le_bytes());
    fields.extend(number(member.octets.len()));
    fields.extend(number(member.octets.len()));
    fields.extend(u16::try_from(member.name.len()).unwrap_or(u16::MAX).to_le_bytes());
    fields
}

fn number(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes()
}

fn checksum(octets: &[u8]) -> u32 {
    let step = |sum: u32, octet: &u8| {
        (0..8).fold(sum ^ u32::from(*octet), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    };
    !octets.iter().fold(u32::MAX, step)
}

/// A change to a container, and the members after it.
pub struct Mutant {
    /// What was done.
    pub name: String,
    /// The members that make the tampered container.
    pub members: Vec<Member>,
}

/// Whether a member holds signatures or timestamps.
pub fn is_signature(name: &str) -> bool {
    [".p7s", ".tst"].iter().any(|end| name.ends_with(end)) || name.contains("signatures")
}

/// Every change: each member flipped, emptied, removed, renamed, doubled; members added.
pub fn mutants(members: &[Member]) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    let mut add = |name: String, members: Vec<Member>| mutants.push(Mutant { name, members });
    for (place, member) in members.iter().enumerate() {
        let short = member.name.rsplit('/').next().unwrap_or(&member.name);
        let with = |change: &dyn Fn(&mut Member)| {
            let mut changed = members.to_vec();
            if let Some(member) = changed.get_mut(place) {
                change(member);
            }
            changed
        };
        // What a signature file says by its octets is tampered with by its parts, elsewhere.
        if !is_signature(short) {
            let middle = member.octets.len() / 2;
            let flipped = with(&|member| member.octets[middle] ^= 1);
            add(format!("{short}/flipped"), flipped);
        }
        add(format!("{short}/emptied"), with(&|member| member.octets.clear()));
        add(format!("{short}/renamed"), with(&|member| member.name.push('x')));
        add(format!("{short}/climbing"), with(&|member| member.name.insert_str(0, "../")));
        let mut without = members.to_vec();
        without.remove(place);
        add(format!("{short}/removed"), without);
        let mut doubled = members.to_vec();
        let mut other = member.clone();
        other.octets = b"another content".to_vec();
        doubled.push(other.clone());
        add(format!("{short}/doubled-behind"), doubled);
        let mut doubled = members.to_vec();
        doubled.insert(place, other);
        add(format!("{short}/doubled-before"), doubled);
    }
    for name in ["added.txt", "META-INF/added.txt", "META-INF/signatures9.xml", "META-INF/ASiCManifest9.xml"]
    {
        let mut more = members.to_vec();
        more.push(Member { name: name.to_owned(), octets: b"nobody signed this".to_vec() });
        add(format!("added/{}", name.replace('/', "-")), more);
    }
    mutants
}
