//! Incremental updates as such, e.g. to add validation data.

use crate::ENTROPY;
use crate::build::{File, STYLES, Style};
use crate::peers;
use pdf::Document;
use pdf::object::{Dictionary, Object, ObjectId, Stream, StreamData};
use pdf::update::Update;
use types::Budget;

fn stream(bytes: &[u8]) -> Object {
    Object::Stream(Stream { dictionary: Dictionary::new(), data: StreamData::Bytes(bytes.to_vec()) })
}

#[test]
fn what_is_set_and_added_is_read_back() {
    for style in STYLES {
        let original = File::with_pages(1).bytes(style);
        let mut budget = Budget::default();
        let document = Document::open(&original, None, &mut budget).unwrap();
        let mut update = Update::new(&document, ENTROPY);
        let added = update.add(stream(b"\x00\x01(binary)\xFF"));
        let reserved = update.reserve();
        let (catalog_id, catalog) = document.catalog(&mut budget).unwrap();
        let catalog =
            catalog.with("Extra", Object::Reference(added)).with("Later", Object::Reference(reserved));
        update.set(catalog_id, Object::Dictionary(catalog.clone()));
        assert_eq!(update.get(catalog_id, &mut budget).unwrap(), Object::Dictionary(catalog.clone()));
        assert_eq!(update.get(reserved, &mut budget).unwrap(), Object::Null);
        let tail = update.finish(&mut budget).unwrap();
        assert_eq!(tail.base_len, original.len() as u64);
        let whole = [original.as_slice(), &tail.bytes].concat();
        peers::check(&whole);
        let document = Document::open(&whole, None, &mut budget).unwrap();
        assert!(document.findings().is_empty(), "{:?}", document.findings());
        assert_eq!(document.catalog(&mut budget).unwrap(), (catalog_id, catalog));
        let Object::Stream(read) = document.get(added, &mut budget).unwrap().object else {
            panic!("the stream is there");
        };
        assert_eq!(document.stream_data(&read, &mut budget).unwrap(), b"\x00\x01(binary)\xFF");
    }
}

#[test]
fn an_existing_stream_can_be_given_other_entries() {
    let original = File::with_pages(1).bytes(Style::Classic);
    let mut budget = Budget::default();
    let document = Document::open(&original, None, &mut budget).unwrap();
    let id = ObjectId { number: 4, generation: 0 };
    let Object::Stream(mut content) = document.get(id, &mut budget).unwrap().object else {
        panic!("object 4 is the content stream");
    };
    let before = document.stream_data(&content, &mut budget).unwrap();
    content.dictionary.set("Extra", Object::Boolean(true));
    let mut update = Update::new(&document, ENTROPY);
    update.set(id, Object::Stream(content));
    let tail = update.finish(&mut budget).unwrap();
    let whole = [original.as_slice(), &tail.bytes].concat();
    let document = Document::open(&whole, None, &mut budget).unwrap();
    let Object::Stream(content) = document.get(id, &mut budget).unwrap().object else {
        panic!("it is a stream still");
    };
    assert_eq!(content.dictionary.get("Extra"), Some(&Object::Boolean(true)));
    assert_eq!(document.stream_data(&content, &mut budget).unwrap(), before);
}

#[test]
fn the_first_half_of_the_identifier_stays_and_the_second_changes() {
    let mut file = File::with_pages(1);
    file.trailer = "/ID[<0011><2233>]/Info 4 0 R/DocChecksum/X".into();
    for style in STYLES {
        let original = file.bytes(style);
        let mut budget = Budget::default();
        let document = Document::open(&original, None, &mut budget).unwrap();
        let trailer = |entropy| {
            let tail = Update::new(&document, entropy).finish(&mut Budget::default()).unwrap();
            let whole = [original.as_slice(), &tail.bytes].concat();
            Document::open(&whole, None, &mut Budget::default()).unwrap().trailer().clone()
        };
        let (a, b) = (trailer([1; 32]), trailer([2; 32]));
        let part = |trailer: &Dictionary, index: usize| {
            trailer
                .get("ID")
                .and_then(Object::as_array)
                .and_then(|id| id[index].as_string())
                .unwrap()
                .to_vec()
        };
        assert_eq!((part(&a, 0), part(&b, 0)), (vec![0, 0x11], vec![0, 0x11]));
        assert_ne!(part(&a, 1), part(&b, 1));
        assert_eq!(part(&a, 1).len(), 16);
        assert!(
            a.get("Info").is_some() && a.get("DocChecksum").is_none(),
            "what described the old bytes goes"
        );
    }
}
