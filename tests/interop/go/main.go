// Command tlogcheck reads a log as any C2SP client would, with Go's own implementation of notes and transparency logs.
//
//	tlogcheck VKEY LOG [INDEX LEAFHASH PROOF...]
//
// VKEY is the log's verifier key, LOG the folder that holds its checkpoint and tiles. The checkpoint's signature, the
// hash of every entry against the tiles, every tile against the checkpoint, and an inclusion proof for every entry are
// checked. With the further arguments, so is one inclusion proof that was made elsewhere: the number of an entry, its
// hash and the hashes of the proof, in base64. Prints the number of entries; exit 1 with the reason where anything fails.
package main

import (
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

const tileHeight = 8

// folder reads tiles where https://c2sp.org/tlog-tiles puts them: Go's paths, without the height.
type folder string

func (f folder) Height() int                     { return tileHeight }
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	read := make([][]byte, 0, len(tiles))
	for _, tile := range tiles {
		data, err := f.tile(tile)
		if err != nil {
			return nil, err
		}
		read = append(read, data)
	}
	return read, nil
}

func (f folder) tile(tile tlog.Tile) ([]byte, error) {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	path = strings.Replace(path, "tile/data/", "tile/entries/", 1)
	return os.ReadFile(filepath.Join(string(f), path))
}

// entries calls yield with every entry of a log of the given size, in order.
func (f folder) entries(size int64, yield func(index int64, entry []byte) error) error {
	const width = 1 << tileHeight
	for start := int64(0); start < size; start += width {
		tile := tlog.Tile{H: tileHeight, L: -1, N: start / width, W: int(min(width, size-start))}
		bundle, err := f.tile(tile)
		if err != nil {
			return err
		}
		for index := start; index < start+int64(tile.W); index++ {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				return fmt.Errorf("the entry bundle of entry %d is truncated", index)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			if err := yield(index, bundle[2:end]); err != nil {
				return err
			}
			bundle = bundle[end:]
		}
		if len(bundle) > 0 {
			return fmt.Errorf("the entry bundle from entry %d on holds more than its entries", start)
		}
	}
	return nil
}

// checkpoint opens the signed checkpoint: three lines, https://c2sp.org/tlog-checkpoint.
func (f folder) checkpoint(vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	raw, err := os.ReadFile(filepath.Join(string(f), "checkpoint"))
	if err != nil {
		return tlog.Tree{}, err
	}
	signed, err := note.Open(raw, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("the checkpoint is not one of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

func checkAll(log folder, tree tlog.Tree) error {
	// The reader checks every tile that it reads against the tree's hash.
	reader := tlog.TileHashReader(tree, log)
	return log.entries(tree.N, func(index int64, entry []byte) error {
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		if err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
		return nil
	})
}

func checkProof(tree tlog.Tree, index, leaf string, hashes []string) error {
	number, err := strconv.ParseInt(index, 10, 64)
	if err != nil {
		return err
	}
	hash, err := tlog.ParseHash(leaf)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, text := range hashes {
		raw, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || len(raw) != tlog.HashSize {
			return fmt.Errorf("%q is no hash", text)
		}
		proof = append(proof, tlog.Hash(raw))
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, number, hash)
}

func run(arguments []string) error {
	if len(arguments) < 2 || len(arguments) == 3 {
		return errors.New("usage: tlogcheck VKEY LOG [INDEX LEAFHASH PROOF...]")
	}
	log := folder(arguments[1])
	tree, err := log.checkpoint(arguments[0])
	if err != nil {
		return err
	}
	if err := checkAll(log, tree); err != nil {
		return err
	}
	if len(arguments) > 3 {
		if err := checkProof(tree, arguments[2], arguments[3], arguments[4:]); err != nil {
			return err
		}
	}
	fmt.Println(tree.N)
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "tlogcheck:", err)
		os.Exit(1)
	}
}
