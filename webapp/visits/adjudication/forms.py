"""What the form of an opinion says."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from casework.ledgers.projects import Project
from casework.visits.adjudication import MOST_WORDS
from casework.visits.checklists import site_outcomes
from webapp.visits.words import outcome_words


class OpinionForm(FlaskForm):
    outcome = SelectField(_l("What is true"), [InputRequired()])
    words = TextAreaField(
        _l("Why: which evidence decides"), [DataRequired(), Length(max=MOST_WORDS)]
    )

    def offer(self, project: Project) -> None:
        """Fill the list of outcomes; none is chosen beforehand."""
        outcomes = [SelectChoice(o.code, outcome_words(o.code)) for o in site_outcomes(project)]
        self.outcome.choices = [SelectChoice("", "—"), *outcomes]
