"""A checkpoint's ``tokenizer.json``, by `tokenizers` alone."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer


class PlainTokenizer:
    """Ids of texts, truncated to what the checkpoint reads."""

    def __init__(self, folder: str) -> None:
        config = json.loads((Path(folder) / "tokenizer_config.json").read_bytes())
        self._tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
        self._tokenizer.enable_truncation(config["model_max_length"])
        self._tokenizer.no_padding()
        self.pad_token_id: int = self._tokenizer.token_to_id(config["pad_token"])

    def one(self, text: str) -> dict[str, npt.NDArray[np.int64]]:
        """``input_ids`` and ``attention_mask``, int64 (1, seq)."""
        input_ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        return {"input_ids": input_ids, "attention_mask": np.ones_like(input_ids)}

    def many(self, texts: list[str]) -> list[list[int]]:
        """The ids of each text."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(texts)]
