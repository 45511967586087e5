"""What a contract breaks of its own specification, each point with its place and a sentence."""

from contracts.validate.issue import Issue as Issue
from contracts.validate.run import validate as validate
from contracts.validate.run import validate_document as validate_document
