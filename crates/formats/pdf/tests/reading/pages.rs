//! The page tree.

use crate::build::{File, opened};
use types::Resource;
use undersign_pdf::object::{Object, ObjectId};

/// Pages 10 to 10 + count, in a tree of nodes of four kids.
fn tree(count: u32) -> Vec<u8> {
    let mut file = File::new().object(1, "<</Type/Catalog/Pages 2 0 R>>");
    let nodes: Vec<u32> = (0..count.div_ceil(4)).collect();
    let kids: String = nodes.iter().map(|node| format!("{} 0 R ", 1000 + node)).collect();
    let root = format!(
        "<</Type/Pages/Count {count}/Kids[{kids}]/MediaBox[0 0 100 200]/Resources<</A 1>>/Rotate 90>>"
    );
    file = file.object(2, &root);
    for node in nodes {
        let pages: Vec<u32> = (node * 4..count.min(node * 4 + 4)).collect();
        let kids: String = pages.iter().map(|page| format!("{} 0 R ", 10 + page)).collect();
        let body = format!("<</Type/Pages/Parent 2 0 R/Count {}/Kids[{kids}]>>", pages.len());
        file = file.object(1000 + node, &body);
        for page in pages {
            let own = if page == 5 { "/MediaBox[30 40 10 20]/Rotate -90/CropBox[1 2 3 4]" } else { "" };
            let annotations = if page == 6 { "/Annots[900 0 R]" } else { "" };
            let body = format!("<</Type/Page/Parent {} 0 R{own}{annotations}>>", 1000 + node);
            file = file.object(10 + page, &body);
        }
    }
    file.finish()
}

fn id(number: u32) -> ObjectId {
    ObjectId { number, generation: 0 }
}

#[test]
fn each_page_is_found_by_index_and_its_index_by_the_page() {
    opened(&tree(11), |document, budget| {
        assert_eq!(document.page_count(budget), Ok(11));
        for index in 0..11 {
            let page = document.page(index, budget).unwrap().unwrap();
            assert_eq!((page.id, page.index), (id(10 + index as u32), index));
            assert_eq!(document.latest().page_index(page.id, budget), Ok(Some(index)));
        }
        assert_eq!(document.page(11, budget), Ok(None));
        assert_eq!(document.latest().page_index(id(1), budget), Ok(None));
        let ids: Vec<ObjectId> = (10..21).map(id).collect();
        assert_eq!(document.page_ids(budget), Ok(ids));
    });
}

#[test]
fn pages_inherit_what_they_do_not_say() {
    opened(&tree(8), |document, budget| {
        let page = document.page(4, budget).unwrap().unwrap();
        assert_eq!((page.media_box, page.crop_box, page.rotate), (Some([0.0, 0.0, 100.0, 200.0]), None, 90));
        assert!(matches!(page.resources.as_deref(), Some(Object::Dictionary(_))));
        let own = document.page(5, budget).unwrap().unwrap();
        assert_eq!((own.media_box, own.rotate), (Some([10.0, 20.0, 30.0, 40.0]), 270));
        assert_eq!(own.crop_box, Some([1.0, 2.0, 3.0, 4.0]));
    });
}

#[test]
fn an_annotation_is_found_on_its_page() {
    opened(&tree(8), |document, budget| {
        assert_eq!(document.latest().page_of_annotation(id(900), budget), Ok(Some(id(16))));
        assert_eq!(document.latest().page_of_annotation(id(901), budget), Ok(None));
    });
}

#[test]
fn the_last_of_many_pages_in_one_node_costs_few_steps_more_than_its_kids() {
    let count = 20_000u32;
    let kids: String = (0..count).map(|page| format!("{} 0 R ", 10 + page)).collect();
    let mut file = File::new()
        .object(1, "<</Type/Catalog/Pages 2 0 R>>")
        .object(2, &format!("<</Type/Pages/Count {count}/Kids[{kids}]>>"));
    for page in 0..count {
        file = file.object(10 + page, "<</Type/Page/Parent 2 0 R>>");
    }
    opened(&file.finish(), |document, budget| {
        let before = budget.left(Resource::Steps);
        let page = document.page(count as usize - 1, budget).unwrap().unwrap();
        assert_eq!(page.id, id(9 + count));
        assert!(before - budget.left(Resource::Steps) < u64::from(count) * 4);
    });
}

#[test]
fn a_count_that_misleads_does_not_hide_pages_below_nested_nodes() {
    let file = File::new()
        .object(1, "<</Type/Catalog/Pages 2 0 R>>")
        .object(2, "<</Type/Pages/Count 3/Kids[3 0 R 4 0 R 9 0 R]>>")
        .object(3, "<</Type/Pages/Count 2/Kids[5 0 R 6 0 R]/Parent 2 0 R>>")
        .object(4, "<</Type/Page/Parent 2 0 R>>")
        .object(5, "<</Type/Page/Parent 3 0 R>>")
        .object(6, "<</Type/Page/Parent 3 0 R>>")
        .finish();
    opened(&file, |document, budget| {
        let ids: Vec<u32> =
            (0..3).map(|index| document.page(index, budget).unwrap().unwrap().id.number).collect();
        // The third kid does not exist, so that there are as many kids as pages.
        assert_eq!(document.page_ids(budget).unwrap(), [id(5), id(6), id(4)]);
        assert_eq!(ids[0], 5);
    });
}

#[test]
fn a_tree_that_loops_is_refused() {
    let file = File::new()
        .object(1, "<</Type/Catalog/Pages 2 0 R>>")
        .object(2, "<</Type/Pages/Count 9/Kids[3 0 R]>>")
        .object(3, "<</Type/Pages/Count 9/Kids[2 0 R]/Parent 2 0 R>>")
        .finish();
    opened(&file, |document, budget| {
        assert!(document.page_ids(budget).unwrap_err().reason.contains("more than once"));
        assert!(document.page(5, budget).unwrap_err().reason.contains("too deeply"));
        assert_eq!(document.latest().page_index(ObjectId { number: 3, generation: 0 }, budget), Ok(Some(0)));
    });
}
