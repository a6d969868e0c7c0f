type PolicyFactory = { createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown }

/** The one Trusted Types policy of this page: scripts may come from its own origin, and HTML from nowhere. */
export function trustOwnScriptsOnly(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: PolicyFactory }
  trustedTypes?.createPolicy('default', {
    createScriptURL(url) {
      if (new URL(url, document.baseURI).origin !== location.origin) throw new TypeError('scripts come from this origin only')
      return url
    },
  })
}
