import { isFinal } from '../../../factory/contract/status.ts'
import { showDeployment } from '../show-deployment.ts'
import type { Verb } from '../verb.ts'
import { deploymentSchema } from '../wire.ts'

const cancel: Verb = {
  summary: 'stop a deployment; what it had begun is ended or taken back',
  declare: (command, action) => {
    command.argument('<id>', "the deployment's id").action(
      action(async ({ args, terminal, platform }) => {
        const client = await platform()
        const answer = await client.post(`/v1/deployments/${encodeURIComponent(args[0] as string)}/cancel`, {})
        const deployment = deploymentSchema.parse(answer)
        terminal.document(deployment)
        showDeployment(terminal, deployment)
        if (!isFinal(deployment.status))
          terminal.note(`It ends as soon as what runs right now is safe. Watch it: ./pipi logs ${deployment.id} -f`)
        return 0
      }),
    )
  },
}
export default cancel
