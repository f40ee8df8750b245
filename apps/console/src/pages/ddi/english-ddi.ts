/** Texts of devices without an agent, which their own updater drives. */
import type { DdiState } from '@skerry/contract/ddi/ddi-device'

export const ddiTexts = {
  title: 'Updater',
  lead: 'This device has no agent. Its own updater polls the hub by the protocol DDI, and installs images. The hub cannot read its logs, and knows only these facts.',
  fields: {
    image: 'Image',
    order: 'Order',
    attributes: 'Attributes',
    controller: 'Controller id',
    tenant: 'Tenant',
    url: 'Polls at',
    owner: 'Owner',
  },
  image: (name: string, version: number) => `${name}, version ${version}`,
  noImage: 'unknown: this hub has installed none yet',
  noOrder: 'none',
  noAttributes: 'The device has sent none.',
  noUrl: 'this hub has no DDI port',
  mustConfirm: 'must accept each image',
  progress: (percent: number) => `${percent} %`,
  states: {
    asked: 'waits until its owner accepts the image',
    offered: 'offered to the device',
    downloading: 'downloads',
    downloaded: 'downloaded',
    installing: 'installs, or waits for its restart',
    cancelling: 'is being cancelled',
  } satisfies Record<DdiState, string>,
  lines: 'Messages of the updater',
  columns: { time: 'Time', order: 'Order', text: 'Message' },
  noLines: 'The updater has sent no message yet.',
} as const
