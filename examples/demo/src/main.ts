import './trusted-types.ts'
import { byId, show } from './dom.ts'
import { explainError } from './plain-words.ts'
import { start } from './start.ts'

start().catch((error: unknown) => {
  byId('import').hidden = true
  show(byId('notice'), explainError(error))
})
