"""What readers may hand in: a module a chapter, of right and wrong answers to its exercises.

The known wrong answers, each with a hint of its own, stand beside the exercises; these come on top.
"""

RIGHT, WRONG = [], []

__all__ = ["RIGHT", "WRONG", "right", "wrong"]


def right(exercise):
    """Decorator: the function below is a right answer to `exercise`."""
    return _into(RIGHT, exercise)


def wrong(exercise):
    """Decorator: the function below is a wrong answer to `exercise`; its name says what it does."""
    return _into(WRONG, exercise)


def _into(table, exercise):
    def add(answer):
        table.append((exercise, answer))
        return answer

    return add
