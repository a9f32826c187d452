import { declareOrder } from '../order.ts'
import type { Verb } from '../verb.ts'

const deploy: Verb = {
  summary: 'bring a workspace to a platform, and wait until it runs there',
  declare: (command, action) => declareOrder(command, action, 'deploy'),
}
export default deploy
