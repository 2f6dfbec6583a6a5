/** The project speaks of itself alone: of what it is and does, not of how, where or by whom it was made. */
import { test } from 'node:test';
import { projectFiles, tellFaults, textOf } from '../kit/sources.ts';

const foreign: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/(?<![\w.])\/work\/(main|shared)\b/, 'a path of somebody’s machine'],
  [/\b(in|of|see|per) (this|the|that) (issue|ticket|task|brief)\b/i, 'a task'],
  [/\bissues? #\d+\b/i, 'a task'],
  [/\b(the|another) (engineer|integrator|lead) (will|has|did|builds|owns)\b/i, 'a maker'],
  [/\b(co-authored-by|generated (by|with) (claude|chatgpt|copilot|codex|gemini))\b/i, 'a maker'],
  [/\b(as an? (ai|language) (model|assistant))\b/i, 'a maker'],
  [/\b(engines-here|speed-floors|house-examples|vscode-in-tests)\.md\b/, 'a note outside the project'],
];

test('nothing speaks of how the project was made', () => {
  const faults = projectFiles()
    .filter((file) => file !== 'test/house/words.test.ts' && !/\.(png|ico|ttf)$|package-lock\.json$/.test(file))
    .flatMap((file) => {
      const lines = textOf(file).split('\n');
      return lines.flatMap((line, at) =>
        foreign.flatMap(([pattern, why]) => (pattern.test(line) ? `${file}:${at + 1}: ${why}: ${line.trim().slice(0, 120)}` : [])),
      );
    });
  tellFaults(faults);
});
