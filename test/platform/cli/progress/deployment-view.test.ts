import { expect, it } from 'vitest'
import { newView, seeDeployment, seeLine, viewLines } from '../../../../platform/cli/progress/deployment-view.ts'
import { openTerminal } from '../../../../platform/cli/terminal.ts'
import { deploymentSchema, storyLineSchema } from '../../../../platform/cli/wire.ts'

const plain = { ...openTerminal(false), style: (_: unknown, text: string) => text }
const deployment = (status: string, waitingFor?: string) =>
  deploymentSchema.parse({ id: 'd1', workspace: 'w', kind: 'deploy', status, waitingFor })
const about = (urn: string, type: string, status: string) =>
  storyLineSchema.parse({ text: 'x', data: { urn, type, status } })

it('says the phase, how long it took, and what it waits for', () => {
  const view = newView('deploy w', 1000)
  seeDeployment(view, deployment('assigned', 'a free engine'), 1000)
  expect(viewLines(view, plain, 3500, 0)).toEqual(['⠋ deploy w  assigned  2.5 s  a free engine'])
})

it("shows resources as they come, but not Pulumi's own", () => {
  const view = newView('deploy w', 0)
  seeDeployment(view, deployment('applying'), 0)
  seeLine(view, about('urn:pulumi:s::p::t::one', 'a:b:C', 'begun'))
  seeLine(view, about('urn:pulumi:s::p::t::default', 'pulumi:providers:a', 'done'))
  seeLine(view, about('urn:pulumi:s::p::t::one', 'a:b:C', 'done'))
  expect(viewLines(view, plain, 0, 0).slice(1)).toEqual(['    · one a:b:C done'])
})

it('stops counting when it has ended, and shows one line', () => {
  const view = newView('deploy w', 0)
  seeLine(view, about('urn:pulumi:s::p::t::one', 'a:b:C', 'begun'))
  seeDeployment(view, deployment('succeeded'), 4000)
  expect(viewLines(view, plain, 9000, 3)).toEqual(['✔ deploy w  succeeded  4.0 s'])
})
