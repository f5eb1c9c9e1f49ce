// Wakes every <downslope-quiz> on the page: a choice is answered where it is made.
// No library, no request. The answers come from the list at the end of the quiz.
"use strict";

(() => {
  class DownslopeQuiz extends HTMLElement {
    connectedCallback() {
      if (this.wired) return;
      this.wired = true;
      this.sets = [...this.querySelectorAll("fieldset")];
      this.answers = this.querySelector(".ds-answers");
      this.score = this.querySelector(".ds-score");
      this.again = this.querySelector(".ds-again");
      const lists = [...this.answers.querySelectorAll("ol > li")];
      for (const [index, set] of this.sets.entries()) {
        set.said = [...lists[index].querySelectorAll("ul > li")];
        set.addEventListener("change", () => this.answer(set));
      }
      this.again.addEventListener("click", () => this.restart());
      this.answers.hidden = true;
      this.dataset.state = "ready";
    }

    chosen(set) {
      const input = set.querySelector("input:checked");
      return input ? set.said[Number(input.value)] : undefined;
    }

    answer(set) {
      const item = this.chosen(set);
      const feedback = set.querySelector(".ds-feedback");
      feedback.dataset.right = item.dataset.right;
      feedback.replaceChildren(...item.querySelector(".ds-says").cloneNode(true).childNodes);
      this.count();
    }

    count() {
      const chosen = this.sets.map((set) => this.chosen(set)).filter(Boolean);
      const right = chosen.filter((item) => item.dataset.right === "true").length;
      const all = this.sets.length;
      this.score.textContent =
        right === all ? `All ${all} right.` : `${chosen.length} of ${all} answered, ${right} right.`;
      this.again.hidden = chosen.length === 0;
      const detail = { kind: "quiz", name: this.id.replace(/^quiz-/, ""), right, all };
      this.dispatchEvent(new CustomEvent("downslope-answered", { bubbles: true, detail }));
    }

    restart() {
      for (const set of this.sets) {
        for (const input of set.querySelectorAll("input")) input.checked = false;
        const feedback = set.querySelector(".ds-feedback");
        feedback.replaceChildren();
        delete feedback.dataset.right;
      }
      this.count();
      this.sets[0].querySelector("input").focus();
    }
  }

  customElements.define("downslope-quiz", DownslopeQuiz);
})();
