import type * as grpc from '@grpc/grpc-js'
import providerProto from '@pulumi/pulumi/proto/provider_pb.js'
import { openConnections } from '../../../stacks/guard/own-connections.ts'
import { callProvider } from '../../../stacks/guard/relay.ts'
import { hashAssets } from '../../../stacks/planner/hash-assets.ts'
import { nameOfUrn } from '../../../stacks/wire/urn.ts'
import { fromStruct, plain, toStruct, type Values } from '../../../stacks/wire/values.ts'
import type { Declared } from '../declared/declared.ts'

const PATIENCE_MS = 60_000

export interface Checked {
  inputs: Values
  /** Properties that were refused, with the words. */
  failures: { property: string; reason: string }[]
}

export interface Differs {
  replaces: string[]
  deleteBeforeReplace: boolean
}

/** A provider's Check and Diff, which change nothing at a platform. */
export interface AskedProvider {
  check(of: Declared, news: Values): Promise<Checked>
  /** `news`: as Check gave them. */
  diff(of: Declared, olds: Values, news: Values): Promise<Differs>
  client(type: string): Promise<grpc.Client>
  close(): void
}

export function openAsked(upstreams: Readonly<Record<string, string>>, configuration: Values): AskedProvider {
  const connections = openConnections({ upstreams, configuration, patienceMs: PATIENCE_MS })
  return {
    async check({ urn, type }, news) {
      const request = new providerProto.CheckRequest().setUrn(urn).setType(type).setName(nameOfUrn(urn))
      request.setNews(toStruct((await hashAssets(news)) as Values))
      const answer = await callProvider<providerProto.CheckResponse>(
        await connections.of(type),
        'check',
        request,
        PATIENCE_MS,
      )
      return {
        inputs: fromStruct(answer.getInputs()),
        failures: answer
          .getFailuresList()
          .map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() })),
      }
    },
    async diff({ urn, type, id, outputs }, olds, news) {
      const request = new providerProto.DiffRequest().setUrn(urn).setType(type).setName(nameOfUrn(urn)).setId(id)
      // The state that a provider compares with: what came of the old inputs.
      request
        .setOlds(toStruct({ ...outputs, ...plain(olds) }))
        .setOldInputs(toStruct(olds))
        .setNews(toStruct(news))
      const answer = await callProvider<providerProto.DiffResponse>(
        await connections.of(type),
        'diff',
        request,
        PATIENCE_MS,
      )
      return { replaces: answer.getReplacesList(), deleteBeforeReplace: answer.getDeletebeforereplace() }
    },
    client: (type) => connections.of(type),
    close: () => connections.close(),
  }
}
