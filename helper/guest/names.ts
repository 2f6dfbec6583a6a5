/** Questions about names: each is answered once, what fails is a no, and a flood of them is answered no without being thought about. */
import type { Log } from '../base/log.ts';
import type { NameAnswer, NameQuestion, NetworkGate } from './network.ts';
import { encodeNameAnswer, encodeNamesForget } from './network-frames.ts';

/** most names thought about at once; a guest keeps fewer waiting */
const underWayLimit = 512;
/** how often one question is thought about again because the rules changed meanwhile */
const againLimit = 3;

export interface NameFacts {
  readonly gate: NetworkGate;
  readonly log: Log;
  readonly write: (frame: Buffer) => void;
}

export class Names {
  readonly #facts: NameFacts;
  #underWay = 0;
  /** how often earlier answers were forgotten */
  #forgotten = 0;

  constructor(facts: NameFacts) {
    this.#facts = facts;
  }

  /** Every name is asked about again, also one that is being thought about. */
  forget(): void {
    this.#forgotten += 1;
    this.#facts.write(encodeNamesForget());
  }

  ask(id: number, question: NameQuestion): void {
    if (this.#underWay >= underWayLimit) {
      this.#facts.write(encodeNameAnswer(id, { ports: [], message: 'LASSO: too many names are asked about at once' }));
      return;
    }
    this.#underWay += 1;
    void this.#judge(question).then((answer) => {
      this.#underWay -= 1;
      this.#facts.write(encodeNameAnswer(id, answer));
    });
  }

  async #judge(question: NameQuestion): Promise<NameAnswer> {
    try {
      for (let times = 0; times < againLimit; times += 1) {
        const forgotten = this.#forgotten;
        const answer = await this.#facts.gate.name(question);
        if (forgotten === this.#forgotten) return answer;
      }
      return { ports: [], message: 'LASSO: the rules keep changing; try again' };
    } catch (error) {
      this.#facts.log.error('a name could not be judged', error);
      return { ports: [], message: 'LASSO: this could not be judged, so it is refused' };
    }
  }
}
