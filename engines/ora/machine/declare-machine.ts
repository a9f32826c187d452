import { statSync } from 'node:fs'
import { type CustomResource, type Output, output, type Resource, secret } from '@pulumi/pulumi'
import type { Artifact, ProgramContext } from '../../contract/engine.ts'
import { declareByType } from '../../parts/declare/by-type.ts'
import { MACHINE, TICKET } from '../names.ts'
import { requireSurroundings } from '../surroundings.ts'
import { declareSubnet } from './network.ts'
import { declareObject, declareReleases, declareTicket } from './releases.ts'
import { shapeFor } from './size.ts'
import { agentBundle, archiveOf, objectOf, planOf, type Spec, userData } from './spec.ts'

/** A component on its way onto the machine. */
export interface Placed {
  name: string
  artifact: Extract<Artifact, { travels: 'file' }>
  spec: Output<Spec>
  memoryMb: number
}

/**
 * The machine of a workspace, its network and the bucket its releases lie in. A new release is a new object and a change
 * of the machine's metadata, which it reads by itself: the machine stays, and its old release answers until the new one
 * does. Gives the address without a slash at the end.
 */
export function declareMachine(
  context: Pick<ProgramContext, 'workspace' | 'region' | 'surroundings' | 'together'>,
  placed: Placed[],
) {
  const { workspace, region } = context
  const { tenancy, namespace, domain, image, ticket, ticketUntil } = requireSurroundings(context.surroundings)
  const slug = `pipi-${workspace.id}`
  const bytes = placed.reduce((sum, { artifact }) => sum + statSync(artifact.path).size, 0)
  const bucket = declareReleases({ compartmentId: tenancy, namespace, slug, bytes })
  const agent = agentBundle()
  const plan = secret(output(placed.map(({ spec }) => spec))).apply(planOf)
  const there: CustomResource[] = [
    declareObject(bucket, '_agent', { object: `agent-${agent.digest}.json`, content: agent.text }),
    declareObject(bucket, '_plan', { object: 'plan.json', content: plan.apply(({ text }) => text) }, DELETED_FIRST),
    ...placed.map(({ name, artifact }) =>
      declareObject(bucket, `${name}-release`, {
        object: objectOf({ release: artifact.digest, ...archiveOf(artifact.path) }),
        source: artifact.path,
      }),
    ),
  ]
  const source = declareTicket(bucket, TICKET, { region, name: ticket, until: ticketUntil, access: 'AnyObjectRead' })
  const subnet = declareSubnet(context)
  const machine = declareByType(
    'oci:Core/instance:Instance',
    MACHINE,
    {
      compartmentId: tenancy,
      displayName: slug,
      availabilityDomain: domain,
      shape: 'VM.Standard.A1.Flex',
      shapeConfig: shapeFor(placed.reduce((sum, { memoryMb }) => sum + memoryMb, 0)),
      sourceDetails: { sourceType: 'image', sourceId: image, bootVolumeSizeInGbs: '50', bootVolumeVpusPerGb: '10' },
      createVnicDetails: { subnetId: subnet.id, assignPublicIp: 'true' },
      // Version 1 answers whoever makes the machine's programs ask, without a header.
      instanceOptions: { areLegacyImdsEndpointsDisabled: true },
      preserveBootVolume: false,
      metadata: {
        user_data: userData(),
        pipi_agent: agent.digest,
        pipi_source: source,
        pipi_release: plan.apply(({ digest }) => digest),
      },
    },
    { dependsOn: there as Resource[] },
    ['publicIp'],
  )
  return machine.publicIp.apply((address) => `http://${address}`)
}

/** Under its name there is one at a time. */
const DELETED_FIRST = { deleteBeforeReplace: true }
