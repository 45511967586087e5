"""The fixture of the stories: one running Treaty, started as a newcomer would."""

from newcomer import treaty as treaty
