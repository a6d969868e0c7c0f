export function errorTable(
  errors: Readonly<Record<string, { readonly retry: string; readonly meaning: string; readonly remedy: string }>>,
): string
export function sizeTable(limits: readonly { readonly name: string; readonly limit: string; readonly gzip?: boolean | undefined }[]): string
export function between(text: string, name: string, content: string): string
