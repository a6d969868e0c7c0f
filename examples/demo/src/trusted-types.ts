type PolicyFactory = { createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown }

/** Not in every browser yet. */
declare const trustedTypes: PolicyFactory | undefined

/** The one Trusted Types policy of this page: scripts may come from its own origin, and HTML from nowhere. */
export function trustOwnScriptsOnly(): void {
  if (typeof trustedTypes === 'undefined') return
  trustedTypes.createPolicy('default', {
    createScriptURL(url) {
      if (new URL(url, document.baseURI).origin !== location.origin) throw new TypeError('scripts come from this origin only')
      return url
    },
  })
}
