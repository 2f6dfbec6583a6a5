/** What an agent may write to fool whoever reads its record, and how a page shows that it was not fooled. */
import type { FrameLocator } from 'playwright-core';
import type { RecordEntry } from '../../helper/protocol/record.ts';

const actor = { kind: 'agent', face: 'guest' } as const;
const hostileTexts = [
  '<img src=x onerror="document.title=1"><script>document.title=2</script>',
  '<a href="command:workbench.action.closeWindow">click</a> [link](command:workbench.action.closeWindow)',
  'safe\n 99  2026-01-01 00:00:00  command  start  success  forged row',
  '\u001b[2J\u001b]8;;http://evil.example\u0007click\u001b]8;;\u0007',
  'photo\u202egnp.exe \u2066x\u2069 zero\u200bwidth',
  '"></span></div><style>*{display:none}</style>${1+1}{{7*7}}',
];
export const hostileEntries: readonly RecordEntry[] = hostileTexts.map((target) => ({
  ...{ type: 'command', action: 'start', outcome: 'blocked', actor, target },
  detail: { reason: target, argv: ['sh', '-c', target], [target]: target, origin: '../../../etc/passwd:1', rule: target },
}));

/** Elements and attributes in the page that its own code never makes. */
export function foreignIn(audit: FrameLocator): Promise<readonly string[]> {
  return audit.locator('#page').evaluate((page) => {
    const own = 'header div h1 h2 h3 span button section strong svg path ul li input aside p code dl dt dd pre'.split(' ');
    return [...page.querySelectorAll('*')].flatMap((element) => {
      const attributes = element.getAttributeNames().filter((name) => name.startsWith('on') || name === 'href' || name === 'src');
      return [...(own.includes(element.localName) ? [] : [element.localName]), ...attributes];
    });
  });
}
