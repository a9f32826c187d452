import { declareAccount } from '../account/declare.ts'
import type { Verb } from '../verb.ts'

const account: Verb = {
  summary: 'who the platforms bill: terms, kill switch, whether it is what it claims to be, its own walls',
  declare: declareAccount,
}
export default account
