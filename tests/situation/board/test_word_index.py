"""The word index: rows by rare word, kept up with the board."""

from __future__ import annotations

import msgspec
import numpy as np

from crisismap.situation.board.board import Board
from crisismap.situation.board.columns import LAYOUT
from crisismap.situation.board.heap import Heap
from crisismap.situation.board.word_index import FEW, WordIndex, rare_words, searched_words


def board(heap: Heap, texts: list[str], revision: int = 1) -> Board:
    columns = {name: np.zeros(len(texts), kind) for name, kind in LAYOUT.items()}
    for row, text in enumerate(texts):
        columns["text_at"][row], columns["text_len"][row] = heap.add(msgspec.json.encode(text))
        columns["place_text_len"][row] = 2
    return Board(revision, len(texts), columns)


def made(heaps: list[Heap]) -> WordIndex:
    return WordIndex(lambda: heaps[-1], rare_words(lambda word: word == "water"))


def test_finds_rows_with_the_most_and_rarest_words_first() -> None:
    heap = Heap()
    index = made([heap])
    index.follow(board(heap, ["Laksana street water", "water Laksana காமராஜர்", "street", "street", "street"]))
    assert index.having(["laksana", "காமராஜர்", "street"], 10).tolist()[:2] == [1, 0]
    assert index.having(["street"], 2).tolist() == [4, 3]
    assert index.having(["water"], 10).tolist() == []


def test_finds_a_misspelt_word() -> None:
    heap = Heap()
    index = made([heap])
    index.follow(board(heap, ["Pademangan"]))
    assert index.having(["pademngan"], 10).tolist() == [0]
    assert index.having(["pade"], 10).tolist() == []


def test_takes_in_only_what_is_new() -> None:
    heap = Heap()
    index = made([heap])
    first = board(heap, ["alpha"] * 3_000)
    index.follow(first)
    index.follow(first)
    assert len(index.having(["alpha"], 5_000)) == 3_000


def test_reads_again_what_was_added_to() -> None:
    heap = Heap()
    index = made([heap])
    first = board(heap, ["alpha", "beta"])
    index.follow(first)
    later = board(heap, ["alpha", "beta gamma"], revision=2)
    later.columns["text_at"][0] = first["text_at"][0]
    index.follow(later)
    assert index.having(["gamma"], 10).tolist() == [1]
    assert index.having(["beta"], 10).tolist() == [1]


def test_takes_no_step_back_for_a_board_from_before() -> None:
    heap = Heap()
    index = made([heap])
    index.follow(board(heap, ["alpha", "beta"], revision=2))
    index.follow(board(heap, ["alpha"], revision=1))
    assert index.having(["beta"], 10).tolist() == [1]


def test_starts_anew_when_the_texts_were_laid_anew() -> None:
    heaps = [Heap()]
    index = made(heaps)
    index.follow(board(heaps[0], ["secret alpha", "beta"]))
    heaps.append(Heap())
    index.follow(board(heaps[1], ["beta"]))
    assert index.having(["secret", "alpha"], 10).tolist() == []
    assert index.having(["beta"], 10).tolist() == [0]


def test_calls_a_word_frequent_only_among_many_reports() -> None:
    heap = Heap()
    index = made([heap])
    index.follow(board(heap, ["hydrant"] * FEW))
    assert index.frequent == frozenset()
    heap = Heap()
    index = made([heap])
    index.follow(board(heap, ["hydrant"] * 40 + [f"moore{n}" for n in range(300)]))
    assert index.frequent == {"hydrant"}


def searched(texts: list[str]) -> tuple[WordIndex, Board]:
    heap = Heap()
    index, all_rows = WordIndex(lambda: heap, searched_words), board(heap, texts)
    index.follow(all_rows)
    return index, all_rows


def test_searches_all_words_newest_first_and_corrects_after_them() -> None:
    index, _ = searched(["near the mosque", "at the mosqe gate", "Mosques", "12 at the jetty 🐸", ""])
    found = index.find(["mosque"], 5)
    assert found.written.tolist() == [2, 0]
    assert found.corrected.tolist() == [1]
    assert found.words == {"mosque": ["mosqe"]}
    assert index.find(["gate", "mosque"], 5).corrected.tolist() == [1]
    assert index.find(["12"], 5).written.tolist() == [3], "a number"
    assert index.find(["🐸"], 5).written.tolist() == [3], "a symbol"
    assert index.find(["🦄"], 5).written.tolist() == []
    assert index.find([], 5).written.tolist() == []


def test_searches_no_row_that_the_board_of_the_reader_has_not() -> None:
    index, _ = searched(["roof", "roof", "roof"])
    assert index.find(["roof"], 2).written.tolist() == [1, 0]


def test_reads_again_where_only_the_place_was_described_anew() -> None:
    heap = Heap()
    index = WordIndex(lambda: heap, searched_words)
    index.follow(board(heap, ["alpha"]))
    later = board(heap, ["alpha"], revision=2)
    later.columns["text_at"][0] = 2
    later.columns["place_text_at"][0], later.columns["place_text_len"][0] = heap.add(msgspec.json.encode("mill"))
    index.follow(later)
    assert index.find(["mill"], 1).written.tolist() == [0]


def test_forgets_words_that_nobody_has_any_more() -> None:
    index, rows = searched(["zanzibar"])
    index.forget()
    assert index.find(["zanzibr"], 1).words == {"zanzibr": []}
    index.follow(rows)
    assert index.find(["zanzibr"], 1).words == {"zanzibr": ["zanzibar"]}
