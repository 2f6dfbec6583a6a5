/** Yes, or no with the reason and what to do: the form in which policy answers questions about the host's folders and names. */

export interface Refusal {
  readonly ok: false;
  /** why, one sentence */
  readonly reason: string;
  /** what to do, one sentence */
  readonly hint: string;
}
export type Judgement = { readonly ok: true } | Refusal;

export const refuse = (reason: string, hint: string): Refusal => ({ ok: false, reason, hint });
