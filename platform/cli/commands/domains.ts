import { showDns } from '../show-dns.ts'
import type { Verb } from '../verb.ts'
import { dnsAnswerSchema, listOf } from '../wire.ts'

const domains: Verb = {
  summary: "what to set in your DNS for a workspace's domains, and whether it answers so yet",
  declare(command, action) {
    command.argument('<workspace>', 'its name').action(
      action(async ({ args, terminal, platform }) => {
        const [workspace = ''] = args
        const client = await platform()
        const answer = await client.get(`/v1/workspaces/${encodeURIComponent(workspace)}/domains`)
        const records = listOf(answer, 'records').map((it) => dnsAnswerSchema.parse(it))
        terminal.document(answer)
        if (records.length === 0) terminal.line(`Nothing has to be set for ${workspace}.`)
        showDns(terminal, records)
        return records.every((one) => one.answers === 'yes') ? 0 : 1
      }),
    )
  },
}
export default domains
