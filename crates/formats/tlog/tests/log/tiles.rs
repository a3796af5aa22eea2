//! Tiles and bundles: paths, which a tree has, and that hashes out of tiles are those of the tree.

use crate::made::{Log, budget, entry, leaf};
use crypto::PROVIDER;
use proptest::prelude::*;
use std::collections::BTreeMap;
use undersign_tlog::merkle::{
    CompactRange, Node, consistency_proof, inclusion_proof, root, verify_consistency, verify_inclusion,
};
use undersign_tlog::tile::{
    EntryBundle, MAX_ENTRY, Tile, TileError, TiledNodes, new_bundles, new_tiles, write_entry,
};

/// The bytes of every tile of a tree.
fn tiles_of(log: &Log, size: u64) -> BTreeMap<Tile, Vec<u8>> {
    let bytes =
        |tile: &Tile| tile.nodes().flat_map(|node| log.node(node).expect("a node of the log").0).collect();
    new_tiles(0, size).map(|tile| (tile, bytes(&tile))).collect()
}

#[test]
fn paths_are_those_of_the_specification() {
    let tile = |level, index, width| Tile::new(level, index, width).unwrap();
    for (tile, path) in [
        (tile(0, 1_234_067, 256), "tile/0/x001/x234/067"),
        (tile(0, 0, 256), "tile/0/000"),
        (tile(1, 999, 1), "tile/1/999.p/1"),
        (tile(2, 1000, 255), "tile/2/x001/000.p/255"),
        (tile(7, 0, 255), "tile/7/000.p/255"),
        (tile(0, (1 << 56) - 1, 255), "tile/0/x072/x057/x594/x037/x927/935.p/255"),
    ] {
        assert_eq!(tile.to_string(), path);
        assert_eq!(Tile::parse_path(path), Ok(tile));
    }
    let bundle = EntryBundle::new(1_234_067, 7).unwrap();
    assert_eq!(bundle.to_string(), "tile/entries/x001/x234/067.p/7");
    assert_eq!(EntryBundle::parse_path(&bundle.to_string()), Ok(bundle));
    assert_eq!(bundle.first(), 315_921_152);
}

#[test]
fn other_spellings_of_paths_are_refused() {
    let refused = [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/067",
        "tile/0/x000/x001/067",
        "tile/0/001/067",
        "tile/0/x001/x067",
        "tile/0/x001",
        "tile/0/x1/067",
        "tile/00/067",
        "tile/+0/067",
        "tile/8/000",
        "tile/63/000",
        "tile/64/000",
        "tile/7/000",
        "tile/7/001.p/1",
        "tile/0/067.p",
        "tile/0/067.p/",
        "tile/0/067.p/0",
        "tile/0/067.p/256",
        "tile/0/067.p/01",
        "tile/0/067.p/1.p/1",
        "tile/0/067.p/1/",
        "/tile/0/067",
        "tile/0/067/",
        "tile//067",
        "Tile/0/067",
        "tile/entries/067",
        "tile/0/x072/x057/x594/x037/x927/936.p/1",
        "tile/0/x001//067",
        "tile/0/٠٠١",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/x999/x999/999",
    ];
    for path in refused {
        assert!(Tile::parse_path(path).is_err(), "{path}");
    }
    for path in ["tile/entries/", "tile/entries/67", "tile/0/067", "tile/entries/x000/067", "entries/067"] {
        assert!(EntryBundle::parse_path(path).is_err(), "{path}");
    }
    assert_eq!(Tile::new(0, 0, 0), None);
    assert_eq!(Tile::new(0, 0, 257), None);
}

#[test]
fn a_tree_has_the_tiles_that_the_specification_counts() {
    let widths = |size: u64, level: u8| -> Vec<u16> {
        new_tiles(0, size).filter(|tile| tile.level() == level).map(|tile| tile.width()).collect()
    };
    let mut first = vec![256; 273];
    first.push(112);
    assert_eq!(widths(70_000, 0), first);
    assert_eq!(widths(70_000, 1), [256, 17]);
    assert_eq!(widths(70_000, 2), [1]);
    assert_eq!(new_tiles(0, 70_000).count(), 277);
    assert_eq!((widths(256, 0), widths(256, 1), widths(256, 2)), (vec![256], vec![1], vec![]));
    assert_eq!(new_tiles(0, 0).count() + new_tiles(9, 9).count() + new_tiles(9, 3).count(), 0);
    let grown: Vec<String> = new_tiles(511, 513).map(|tile| tile.to_string()).collect();
    assert_eq!(grown, ["tile/0/001", "tile/0/002.p/1", "tile/1/000.p/2"]);
    let bundles: Vec<String> = new_bundles(511, 513).map(|bundle| bundle.to_string()).collect();
    assert_eq!(bundles, ["tile/entries/001", "tile/entries/002.p/1"]);
    let last = new_tiles(u64::MAX - 1, u64::MAX).map(|tile| tile.to_string()).collect::<Vec<_>>();
    assert_eq!(last, ["tile/0/x072/x057/x594/x037/x927/935.p/255"]);
}

#[test]
fn every_node_comes_out_of_the_tiles_and_no_other() {
    let log = Log::sized(700);
    for size in [1, 2, 255, 256, 257, 511, 512, 513, 700] {
        let tiles = tiles_of(&log, size);
        let mut nodes =
            TiledNodes::new(PROVIDER, size, |tile| tiles.get(&tile).cloned().ok_or("no such tile"));
        for (node, hash) in &log.nodes {
            let found = nodes.node(*node);
            if (node.index + 1) << node.level <= size {
                assert_eq!(found, Ok(*hash), "{node:?} of {size}");
            } else {
                assert_eq!(found, Err(TileError::NotInTree { node: *node, size }));
            }
        }
        for node in
            [Node { level: 64, index: 0 }, Node { level: 255, index: 0 }, Node { level: 0, index: u64::MAX }]
        {
            assert_eq!(nodes.node(node), Err(TileError::NotInTree { node, size }));
        }
        assert_eq!(root(PROVIDER, size, |node| nodes.node(node)), Ok(log.head(size).root));
    }
}

#[test]
fn proofs_out_of_tiles_hold_in_a_tree_of_three_levels() {
    let size = 66_000;
    let log = Log::sized(size);
    let tiles = tiles_of(&log, size);
    let mut read = 0;
    let mut nodes = TiledNodes::new(PROVIDER, size, |tile| {
        read += 1;
        tiles.get(&tile).cloned().ok_or("no such tile")
    });
    let head = log.head(size);
    for index in [0, 255, 256, 40_000, 65_535, 65_536, 65_999] {
        let proof = inclusion_proof(PROVIDER, index, size, |node| nodes.node(node)).unwrap().unwrap();
        let verified = verify_inclusion(PROVIDER, index, size, &leaf(index), &proof, &head.root);
        assert_eq!(verified, Ok(()), "{index}");
        let proof = consistency_proof(PROVIDER, index, size, |node| nodes.node(node)).unwrap().unwrap();
        assert_eq!(verify_consistency(PROVIDER, &log.head(index), &head, &proof), Ok(()), "{index}");
    }
    drop(nodes);
    assert!(read <= 30, "{read} tiles were read");
}

#[test]
fn tiles_that_are_missing_short_or_long_are_named() {
    let missing = |tile: Tile| Err::<Vec<u8>, _>(format!("{tile} is gone"));
    let error = TiledNodes::new(PROVIDER, 3, missing).node(Node { level: 0, index: 0 }).unwrap_err();
    assert_eq!(error.to_string(), "tile/0/000.p/3 could not be read: tile/0/000.p/3 is gone");
    for length in [0, 31, 64, 95, 97, 128] {
        let read = |_: Tile| Ok::<_, String>(vec![0; length]);
        let error = TiledNodes::new(PROVIDER, 3, read).node(Node { level: 0, index: 0 }).unwrap_err();
        assert!(matches!(error, TileError::Malformed(_)), "{length}: {error}");
    }
    let error = Tile::new(0, 0, 3).unwrap().parse(&[0; 95]).unwrap_err();
    assert_eq!(error.to_string(), "tile/0/000.p/3 has 95 bytes, not 96 [C2SP tlog-tiles, Partial Tiles]");
}

#[test]
fn bundles_hold_what_was_written() {
    let mut bytes = Vec::new();
    let entries = [entry(0), Vec::new(), vec![7; MAX_ENTRY]];
    entries.iter().for_each(|entry| write_entry(&mut bytes, entry).unwrap());
    assert_eq!(bytes[..9], *b"\x00\x07entry 0");
    let before = bytes.len();
    assert_eq!(write_entry(&mut bytes, &vec![0; MAX_ENTRY + 1]).unwrap_err().length, MAX_ENTRY + 1);
    assert_eq!(bytes.len(), before);
    let bundle = EntryBundle::new(0, 3).unwrap();
    assert_eq!(bundle.parse(&bytes, &mut budget()).unwrap(), entries);
    for end in (0..bytes.len()).step_by(97).chain(0..20) {
        assert!(bundle.parse(&bytes[..end], &mut budget()).is_err(), "{end}");
    }
    bytes.push(0);
    let error = bundle.parse(&bytes, &mut budget()).unwrap_err();
    assert!(error.to_string().contains("goes on after its last entry"), "{error}");
}

proptest! {
    #[test]
    fn every_path_is_read_as_written(level in 0u8..8, index in any::<u64>(), shift in 0u32..64, width in 1u16..=256) {
        if let Some(tile) = Tile::new(level, index >> shift, width) {
            prop_assert_eq!(Tile::parse_path(&tile.to_string()), Ok(tile));
        }
        if let Some(bundle) = EntryBundle::new(index >> shift, width) {
            prop_assert_eq!(EntryBundle::parse_path(&bundle.to_string()), Ok(bundle));
        }
    }

    #[test]
    fn a_path_that_is_read_is_written_the_same(path in "tile/[0-9e]{1,2}/(x?[0-9]{3}/){0,2}[0-9]{3}(\\.p/[0-9]{1,3})?") {
        if let Ok(tile) = Tile::parse_path(&path) {
            prop_assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn tiles_written_step_by_step_are_all_tiles(steps in prop::collection::vec(0u64..600, 0..12)) {
        let (mut size, mut widest) = (0, BTreeMap::new());
        for step in steps {
            for tile in new_tiles(size, size + step) {
                let before = widest.insert((tile.level(), tile.index()), tile.width());
                prop_assert!(before.is_none_or(|width| width < tile.width()));
            }
            size += step;
        }
        let all: BTreeMap<_, _> =
            new_tiles(0, size).map(|tile| ((tile.level(), tile.index()), tile.width())).collect();
        prop_assert_eq!(widest, all);
    }

    #[test]
    fn any_entries_come_back_out_of_a_bundle(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..=256)) {
        let mut bytes = Vec::new();
        entries.iter().for_each(|entry| write_entry(&mut bytes, entry).unwrap());
        let bundle = EntryBundle::new(3, entries.len() as u16).unwrap();
        prop_assert_eq!(bundle.parse(&bytes, &mut budget()).unwrap(), entries);
    }
}

#[test]
fn a_full_tile_hashes_to_its_place_in_the_tile_above() {
    let log = Log::sized(512);
    let tiles = tiles_of(&log, 512);
    let above = Tile::new(1, 0, 2).unwrap().parse(&tiles[&Tile::new(1, 0, 2).unwrap()]).unwrap();
    for (index, expected) in above.into_iter().enumerate() {
        let tile = Tile::new(0, index as u64, 256).unwrap();
        assert!(tile.is_full());
        let hashes = tile.parse(&tiles[&tile]).unwrap();
        assert_eq!(hashes[0], leaf(index as u64 * 256));
        let mut range = CompactRange::new();
        for hash in hashes {
            range.append(PROVIDER, hash, |_, _| {}).unwrap();
        }
        assert_eq!(range.root(PROVIDER), expected);
    }
}
