"""`python -m tests.contract.documents` (make docs) writes what of the documents is generated."""

from tests.contract.documents.write import write

if __name__ == "__main__":
    for path in write():
        print("written:", path)
