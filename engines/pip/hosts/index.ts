import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Host, Hosts, HostsOrder } from '../../contract/hosts.ts'
import limits from '../limits.ts'
import { checkHosts } from './check.ts'
import { startedFile } from './far/running.ts'
import { installLocal, uninstallLocal } from './install.ts'
import { placeOf } from './place-of.ts'
import { readHosts } from './read-hosts.ts'
import { type ListedHost, LOCAL, type LocalHost } from './schema.ts'
import { stateOf } from './state.ts'

/** As source or as built. */
const ENDING = extname(import.meta.filename)

/** The hosts of a platform: those of its `hosts.yaml`, else the machine it runs on. */
export const hosts: Hosts = {
  async list(order) {
    const listed = await readHosts(order.file)
    if (listed === undefined) return [await localHost(order, undefined)]
    return Promise.all(listed.map((host) => ('ssh' in host ? remoteHost(host) : localHost(order, host))))
  },
  state: stateOf,
  check: checkHosts,
  install: installLocal,
  uninstall: uninstallLocal,
}

/** Its limits are measured where the list does not say them. */
async function localHost(order: HostsOrder, listed: LocalHost | undefined): Promise<Host> {
  const measured = await limits({ dataDir: order.dataDir })
  const stated = listed && meters(listed)
  return {
    name: LOCAL,
    scope: '',
    limits: { ...measured, ...stated },
    program: module(existsSync(startedFile(order.companionDir)) ? 'attach' : 'supervisor'),
    input: listed === undefined ? '' : JSON.stringify(placeOf(listed)),
    via: 'local',
    address: listed === undefined ? '127.0.0.1' : placeOf(listed).address,
    labels: listed?.labels ?? {},
  }
}

function remoteHost(host: Exclude<ListedHost, LocalHost>): Host {
  return {
    name: host.name,
    scope: host.name,
    limits: meters(host),
    program: module('link/main'),
    input: JSON.stringify({ host }),
    via: 'ssh',
    address: placeOf(host).address,
    labels: host.labels,
  }
}

function meters({ limits: { memoryMb, diskMb, ports } }: ListedHost): Record<string, number> {
  return {
    ...(memoryMb === undefined ? {} : { 'pip-host.memory': memoryMb }),
    ...(diskMb === undefined ? {} : { 'pip-host.disk': diskMb }),
    'pip-host.ports': ports.to - ports.from + 1,
  }
}

function module(name: string): string {
  return join(import.meta.dirname, `${name}${ENDING}`)
}
