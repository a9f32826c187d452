import { isFinal } from '../../../factory/contract/status.ts'
import { DETACHED, exitCodeOf } from '../exit-codes.ts'
import { storyText } from '../progress/deployment-view.ts'
import { followStory } from '../progress/story.ts'
import { howToGoOn } from '../progress/wait.ts'
import { showDeployment } from '../show-deployment.ts'
import type { Verb } from '../verb.ts'
import { deploymentSchema, listOf, storyLineSchema } from '../wire.ts'

interface LogsOptions {
  follow?: boolean
}

const logs: Verb = {
  summary: "a deployment's story; -f goes on until it ends",
  declare: (command, action) => {
    command
      .argument('<id>', "the deployment's id")
      .option('-f, --follow', 'go on until it has ended (with --json one document a line)')
      .action(
        action<LogsOptions>(async ({ args, options, terminal, platform }) => {
          const client = await platform()
          const path = `/v1/deployments/${encodeURIComponent(args[0] as string)}`
          if (options.follow !== true) {
            const story = listOf(await client.get(`${path}/story`), 'story')
            terminal.document({ items: story })
            for (const line of story) terminal.line(storyText(storyLineSchema.parse(line), terminal))
            return 0
          }
          const leaving = new AbortController()
          process.once('SIGINT', () => leaving.abort())
          for await (const line of followStory(client, path, leaving.signal)) {
            terminal.document(line, { line: true })
            terminal.line(storyText(line, terminal))
          }
          const deployment = deploymentSchema.parse(await client.get(path))
          terminal.document(deployment, { line: true })
          if (!isFinal(deployment.status)) {
            terminal.note(howToGoOn(deployment.id))
            return DETACHED
          }
          showDeployment(terminal, deployment)
          return exitCodeOf(deployment.status)
        }),
      )
  },
}
export default logs
