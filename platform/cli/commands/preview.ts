import { declareOrder } from '../order.ts'
import type { Verb } from '../verb.ts'

const preview: Verb = {
  summary: 'show what a deploy would do and take, and change nothing',
  declare: (command, action) => declareOrder(command, action, 'preview'),
}
export default preview
