"""RoBERTa, XLM-R, CamemBERT and BERTweet: positions count from ``pad_token_id + 1``, all tokens have one type."""

from linnet_export.architectures.architecture import Architecture

MODEL_TYPES = ("camembert", "roberta", "xlm-roberta")
ARCHITECTURE = Architecture(pools=True)
