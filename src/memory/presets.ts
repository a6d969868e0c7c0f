/** Who else may read a category. The owner may always do everything. */
export type SharingRule = 'owner-only' | 'by-policy' | 'everyone'

/**
 * The five categories that come ready-made, each a space of its own. Any other
 * name makes a space shared by policy.
 *
 * `everyone` means that any address may be given read access, not that
 * anything is stored unencrypted: Locket never uploads plaintext.
 */
export const CATEGORY_PRESETS: { readonly [category: string]: SharingRule } = /* @__PURE__ */ Object.freeze({
  personal: 'owner-only',
  financial: 'by-policy',
  medical: 'by-policy',
  memories: 'by-policy',
  public: 'everyone',
})

/** What a memory belongs to when its author does not say. */
export const DEFAULT_CATEGORY = 'personal'

/** The rule for `category`. */
export function sharingRuleOf(category: string): SharingRule {
  return Object.hasOwn(CATEGORY_PRESETS, category) ? (CATEGORY_PRESETS[category] as SharingRule) : 'by-policy'
}
