// Verifies a log that undersign wrote, and writes one for it to verify, with golang.org/x/mod/sumdb.
//
//	go-tlog verify <folder>          says "verified" or why not
//	go-tlog make <folder> <older> <size>   a log of that many entries, and a checkpoint when it was smaller
//
// A folder holds key and witness (verifier keys; witness is optional), checkpoint and older (signed notes), tile/...
// as in C2SP tlog-tiles, and inclusion-<index> and consistency: proofs, a hash in base64 on each line.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func main() {
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "verify":
		err = verify(os.Args[2])
	case len(os.Args) == 5 && os.Args[1] == "make":
		err = makeLog(os.Args[2], os.Args[3], os.Args[4])
	default:
		err = errors.New("usage: go-tlog verify <folder> | make <folder> <older> <size>")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// cosigner verifies signatures of C2SP tlog-cosignature, type 4, which x/mod does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

func newCosigner(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("witness: no verifier key")
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		return nil, errors.New("witness: no key of type 4")
	}
	return cosigner{parts[0], uint32(hash), ed25519.PublicKey(key[1:])}, nil
}

func readLine(path string) (string, error) {
	data, err := os.ReadFile(path)
	return strings.TrimSuffix(string(data), "\n"), err
}

// open verifies every signature of a checkpoint and gives its tree.
func open(path string, verifiers []note.Verifier) (tree tlog.Tree, err error) {
	message, err := os.ReadFile(path)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(message, note.VerifierList(verifiers...))
	if err != nil {
		return tree, err
	}
	if len(opened.Sigs) != len(verifiers) {
		return tree, fmt.Errorf("%s: %d signatures verify, not %d", path, len(opened.Sigs), len(verifiers))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifiers[0].Name() {
		return tree, fmt.Errorf("%s: not a checkpoint of this log", path)
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// tiles reads tiles from a folder.
type tiles struct{ folder string }

func (t tiles) Height() int                     { return height }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range tiles {
		bytes, err := os.ReadFile(tilePath(t.folder, tile))
		if err != nil {
			return nil, err
		}
		data = append(data, bytes)
	}
	return data, nil
}

// tilePath leaves out the height, as C2SP does; entries are not tiles of level -1 there.
func tilePath(folder string, tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	if tile.L == -1 {
		path = "entries/" + strings.TrimPrefix(path, "data/")
	}
	return filepath.Join(folder, "tile", filepath.FromSlash(path))
}

func readProof(path string) (hashes []tlog.Hash, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if line == "" {
			continue
		}
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

func verify(folder string) error {
	key, err := readLine(filepath.Join(folder, "key"))
	if err != nil {
		return err
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	verifiers := []note.Verifier{verifier}
	if key, err = readLine(filepath.Join(folder, "witness")); err == nil {
		witness, err := newCosigner(key)
		if err != nil {
			return err
		}
		verifiers = append(verifiers, witness)
	}
	tree, err := open(filepath.Join(folder, "checkpoint"), verifiers)
	if err != nil {
		return err
	}
	older, err := open(filepath.Join(folder, "older"), verifiers)
	if err != nil {
		return err
	}
	if err := verifyConsistency(folder, older, tree); err != nil {
		return err
	}
	if err := verifyTiles(folder, tree); err != nil {
		return err
	}
	entries, err := verifyEntries(folder, tree)
	if err != nil {
		return err
	}
	if err := verifyInclusion(folder, tree, entries); err != nil {
		return err
	}
	fmt.Println("verified")
	return nil
}

func verifyConsistency(folder string, older, tree tlog.Tree) error {
	proof, err := readProof(filepath.Join(folder, "consistency"))
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash); err != nil {
		return fmt.Errorf("consistency: %w", err)
	}
	own, err := tlog.ProveTree(tree.N, older.N, tlog.TileHashReader(tree, tiles{folder}))
	if err != nil {
		return err
	}
	if fmt.Sprint(own) != fmt.Sprint(tlog.TreeProof(proof)) {
		return errors.New("consistency: another proof than ours")
	}
	return nil
}

// verifyTiles reads every tile that the tree must have, authenticated by its root.
func verifyTiles(folder string, tree tlog.Tree) error {
	reader := tlog.TileHashReader(tree, tiles{folder})
	for _, tile := range tlog.NewTiles(height, 0, tree.N) {
		if tile.L == -1 {
			continue
		}
		expected, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			return fmt.Errorf("%s: %w", tilePath(folder, tile), err)
		}
		found, err := os.ReadFile(tilePath(folder, tile))
		if err != nil {
			return err
		}
		if !bytes.Equal(expected, found) {
			return fmt.Errorf("%s: not the tile of the tree", tilePath(folder, tile))
		}
	}
	return nil
}

// bundles are where a tile of entries is for each of level 0.
func bundles(size int64) (all []tlog.Tile) {
	for _, tile := range tlog.NewTiles(height, 0, size) {
		if tile.L == 0 {
			tile.L = -1
			all = append(all, tile)
		}
	}
	return all
}

func verifyEntries(folder string, tree tlog.Tree) (entries [][]byte, err error) {
	for _, bundle := range bundles(tree.N) {
		data, err := os.ReadFile(tilePath(folder, bundle))
		if err != nil {
			return nil, err
		}
		for count := 0; count < bundle.W; count++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s: too short", tilePath(folder, bundle))
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			entries = append(entries, data[2:end])
			data = data[end:]
		}
		if len(data) != 0 {
			return nil, fmt.Errorf("%s: too long", tilePath(folder, bundle))
		}
	}
	return entries, nil
}

func verifyInclusion(folder string, tree tlog.Tree, entries [][]byte) error {
	reader := tlog.TileHashReader(tree, tiles{folder})
	var leaves []int64
	for index := range entries {
		leaves = append(leaves, tlog.StoredHashIndex(0, int64(index)))
	}
	hashes, err := reader.ReadHashes(leaves)
	if err != nil {
		return err
	}
	for place, entry := range entries {
		index, leaf := int64(place), tlog.RecordHash(entry)
		if leaf != hashes[place] {
			return fmt.Errorf("entry %d: not the one in the tree", index)
		}
		proof, err := readProof(filepath.Join(folder, fmt.Sprintf("inclusion-%d", index)))
		if err != nil {
			if os.IsNotExist(err) {
				continue
			}
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf); err != nil {
			return fmt.Errorf("inclusion of %d: %w", index, err)
		}
		own, err := tlog.ProveRecord(tree.N, index, reader)
		if err != nil {
			return err
		}
		if fmt.Sprint(own) != fmt.Sprint(tlog.RecordProof(proof)) {
			return fmt.Errorf("inclusion of %d: another proof than ours", index)
		}
	}
	return nil
}

// maker signs as a log whose key is made from a fixed seed.
type maker struct {
	folder string
	signer note.Signer
	hashes []tlog.Hash
}

func (m *maker) ReadHashes(indexes []int64) (read []tlog.Hash, err error) {
	for _, index := range indexes {
		read = append(read, m.hashes[index])
	}
	return read, nil
}

func (m *maker) write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

func (m *maker) writeProof(name string, hashes []tlog.Hash) error {
	var text strings.Builder
	for _, hash := range hashes {
		fmt.Fprintln(&text, hash)
	}
	return m.write(filepath.Join(m.folder, name), []byte(text.String()))
}

func (m *maker) checkpoint(name string, size int64) error {
	root, err := tlog.TreeHash(size, m)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", m.signer.Name(), size, root)
	signed, err := note.Sign(&note.Note{Text: text}, m.signer)
	if err != nil {
		return err
	}
	return m.write(filepath.Join(m.folder, name), signed)
}

func makeLog(folder, olderText, sizeText string) error {
	older, err := strconv.ParseInt(olderText, 10, 64)
	if err != nil {
		return err
	}
	size, err := strconv.ParseInt(sizeText, 10, 64)
	if err != nil {
		return err
	}
	skey, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "go.example/log")
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	m := &maker{folder: folder, signer: signer}
	if err := m.write(filepath.Join(folder, "key"), []byte(vkey+"\n")); err != nil {
		return err
	}
	for index := int64(0); index < size; index++ {
		hashes, err := tlog.StoredHashes(index, entry(index), m)
		if err != nil {
			return err
		}
		m.hashes = append(m.hashes, hashes...)
	}
	if err := m.writeTiles(size); err != nil {
		return err
	}
	if err := m.checkpoint("older", older); err != nil {
		return err
	}
	if err := m.checkpoint("checkpoint", size); err != nil {
		return err
	}
	consistency, err := tlog.ProveTree(size, older, m)
	if err != nil {
		return err
	}
	if err := m.writeProof("consistency", consistency); err != nil {
		return err
	}
	for index := int64(0); index < size; index += 1 + size/16 {
		proof, err := tlog.ProveRecord(size, index, m)
		if err != nil {
			return err
		}
		if err := m.writeProof(fmt.Sprintf("inclusion-%d", index), proof); err != nil {
			return err
		}
	}
	return nil
}

func entry(index int64) []byte {
	return []byte(fmt.Sprintf("entry %d of go.example/log", index))
}

func (m *maker) writeTiles(size int64) error {
	for _, tile := range tlog.NewTiles(height, 0, size) {
		if tile.L == -1 {
			continue
		}
		data, err := tlog.ReadTileData(tile, m)
		if err != nil {
			return err
		}
		if err := m.write(tilePath(m.folder, tile), data); err != nil {
			return err
		}
	}
	for _, bundle := range bundles(size) {
		var data []byte
		for place := 0; place < bundle.W; place++ {
			text := entry(bundle.N<<height + int64(place))
			data = append(data, byte(len(text)>>8), byte(len(text)))
			data = append(data, text...)
		}
		if err := m.write(tilePath(m.folder, bundle), data); err != nil {
			return err
		}
	}
	return nil
}
