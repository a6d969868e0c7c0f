import { byId, show } from './dom.ts'
import { explainError } from './plain-words.ts'
import { start } from './start.ts'
import { trustOwnScriptsOnly } from './trusted-types.ts'

trustOwnScriptsOnly()
start().catch((error: unknown) => {
  byId('import').hidden = true
  show(byId('notice'), explainError(error))
})
