import { declareSecret } from '../secret/declare.ts'
import type { Verb } from '../verb.ts'

const secret: Verb = {
  summary: "a workspace's secrets: set, ls, rm; values go in and never come out",
  declare: declareSecret,
}
export default secret
