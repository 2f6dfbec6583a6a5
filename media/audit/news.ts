/** What the page takes from the editor: exactly the known shapes. Texts in them were made visible by the editor and stay texts. Pure. */
import type {
  PageBar,
  PageDetails,
  PageMember,
  PageNews,
  PageOverview,
  PageProblem,
  PageProof,
  PageRow,
} from '../../helper/protocol/record-page.ts';

type Fields = Readonly<Record<string, unknown>>;
type Test<T> = (value: unknown) => value is T;

export function newsOf(value: unknown): PageNews | undefined {
  return isFields(value) && isNews(value) ? value : undefined;
}

function isNews(value: unknown): value is PageNews {
  if (!isFields(value)) return false;
  const { kind } = value;
  switch (kind) {
    case 'rows':
      return (
        isCount(value['ask']) &&
        isList(value['rows'], isRow) &&
        isCount(value['total']) &&
        isFlag(value['complete']) &&
        isCount(value['records'])
      );
    case 'details':
      return isCount(value['ask']) && isDetails(value['details']);
    case 'overview':
      return isOverview(value['overview']);
    case 'proof':
      return value['proof'] === undefined || isProof(value['proof']);
    case 'named':
      return isText(value['name']);
    case 'found':
      return isCount(value['row']);
    case 'stir':
      return true;
    case 'failed':
      return isCount(value['ask']) && areTexts(value, 'what', 'message', 'hint');
    case 'helper':
      return isFlag(value['there']);
    default:
      return false;
  }
}

const rowTexts = ['seq', 'time', 'type', 'action', 'outcome', 'what', 'more'] as const;
const isRow: Test<PageRow> = (value): value is PageRow =>
  isFields(value) && isCount(value['row']) && areTexts(value, ...rowTexts) && isFlag(value['broken']);

const isMember: Test<PageMember> = (value): value is PageMember => isFields(value) && areTexts(value, 'name', 'value');

const isRule = (value: unknown): boolean => value === undefined || (isFields(value) && areTexts(value, 'text') && isFlag(value['opens']));

const isDetails: Test<PageDetails> = (value): value is PageDetails =>
  isFields(value) &&
  isCount(value['row']) &&
  areTexts(value, 'place', 'title', 'outcome', 'reason', 'json') &&
  isList(value['members'], isMember) &&
  isRule(value['rule']);

const isBar: Test<PageBar> = (value): value is PageBar =>
  isFields(value) && areTexts(value, 'from') && isCount(value['records']) && isCount(value['blocked']);

const isOverview: Test<PageOverview> = (value): value is PageOverview =>
  isFields(value) &&
  areTexts(value, 'name', 'sandbox', 'firstAt', 'lastAt') &&
  isFlag(value['exists']) &&
  [value['records'], value['bytes'], value['files']].every(isCount) &&
  isTally(value['types']) &&
  isTally(value['outcomes']) &&
  isList(value['bars'], isBar);

const isProblem: Test<PageProblem> = (value): value is PageProblem =>
  isFields(value) && isFlag(value['error']) && areTexts(value, 'text', 'place') && isFlag(value['shows']);

const isProof: Test<PageProof> = (value): value is PageProof =>
  isFields(value) &&
  (value['level'] === 'proven' || value['level'] === 'partly' || value['level'] === 'broken') &&
  areTexts(value, 'title') &&
  isList(value['parts'], isText) &&
  isList(value['problems'], isProblem) &&
  isCount(value['records']) &&
  typeof value['tookMs'] === 'number';

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText: Test<string> = (value): value is string => typeof value === 'string';
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isTally = (value: unknown): boolean => isFields(value) && Object.values(value).every(isCount);
const isList = <T>(value: unknown, test: Test<T>): value is readonly T[] => Array.isArray(value) && value.every(test);
const areTexts = (value: Fields, ...names: readonly string[]): boolean => names.every((name) => isText(value[name]));
