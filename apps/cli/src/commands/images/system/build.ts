import { type ImageLayout, imageLayout } from '@skerry/core/os/image/image-layout'
import * as z from 'zod'
import { asIs, command, fits, flag, usually, value } from '../../../program/command.ts'
import { wrongUsage } from '../../../program/failure.ts'
import type { Session } from '../../../program/session.ts'
import { tableOf } from '../../../program/terminal/table.ts'
import { sizeText } from '../../../program/terminal/words.ts'
import { parseSize } from '../../../program/values.ts'
import { makeDiskImage } from './disk-image.ts'
import { missingPackages } from './image-program.ts'
import { keepResult } from './image-result.ts'
import { joinText } from './join-text.ts'
import { rootOptions } from './root-options.ts'
import { imagePackages, makeRootSystem } from './root-system.ts'
import { checkComputer, withWorkFolder } from './work-folder.ts'

const PROGRAMS = ['mmdebstrap', 'sfdisk', 'mkfs.vfat', 'mcopy', 'mke2fs']

export const buildImage = command({
  name: 'image build',
  summary: 'Make a bootable image of Debian with two slots, the agent and a join token, for computers with UEFI',
  details:
    'Write the image to the disk of a computer, and start it: the computer joins the hub. Later systems go out as bundles ("skerry image ' +
    'bundle") in ordinary rollouts. If a system does not start, the boot loader returns to the slot from before. It needs root, mmdebstrap and ' +
    'a mirror of Debian. The join token is on the data partition only, and the first start removes it.',
  examples: [
    'sudo skerry image build --out plant.img --token-file token --agent skerry-agent.deb --keyring maker.pem --compatible plant',
    'sudo skerry image build --out plant.img --token-file token --agent skerry-agent.deb --keyring maker.pem --compatible plant --dry-run',
  ],
  arguments: {},
  options: {
    ...rootOptions,
    token: value('--token <token>', 'join token; other people of this computer can read it', asIs),
    tokenFile: value('--token-file <file>', 'file with the join token', asIs),
    hub: value(
      '--hub <url>',
      'address of the hub for the devices; that of the token by default',
      fits(z.url().max(300)),
    ),
    sizeBytes: usually('--size <size>', '8GiB', 'size of the image', parseSize),
    slotBytes: usually('--slot-size <size>', '2GiB', 'size of each of the two slots', parseSize),
    signKey: value('--sign-key <file>', 'private key in PEM that signs the digest of the image', asIs),
    isDryRun: flag('--dry-run', 'only check the input, and print the plan'),
  },
  async run({ isDryRun, signKey, token, tokenFile, hub, sizeBytes, slotBytes, ...input }, session) {
    const made = imageLayout({ sizeBytes, slotBytes })
    if (!made.ok) throw wrongUsage(made.message)
    const { layout } = made
    const text = await joinText({ token, tokenFile, hub })
    if (isDryRun) return printPlan(layout, imagePackages(input), session)
    await checkComputer(input.out, PROGRAMS, session)
    const result = await withWorkFolder(input.out, async (work) => {
      session.note('1/3 Debian, the kernel and the agent')
      const root = await makeRootSystem(work, input, session)
      session.note('2/3 Partitions, boot loader and file systems')
      const disk = await makeDiskImage({ work, layout, root, token: text }, session)
      session.note('3/3 Digest and list of packages')
      const about = { name: input.compatible, version: 'image' }
      return keepResult({ made: disk, out: input.out, root, about, signKey }, session)
    })
    session.print({
      json: result,
      text: () =>
        `${result.file}: ${sizeText(result.sizeBytes)}, ${result.packages} packages, sha256 ${result.sha256}\n` +
        'Write it to the disk of a computer, for instance: dd if=FILE of=/dev/DISK bs=4M conv=fsync',
    })
  },
})

async function printPlan(layout: ImageLayout, packages: readonly string[], session: Session): Promise<void> {
  const partitions = Object.values(layout.partitions)
  const missing = await missingPackages(PROGRAMS, session.io.env)
  session.print({
    json: { sizeBytes: layout.sizeBytes, partitions, packages, missing },
    text: () =>
      [
        tableOf(
          session.style,
          ['PARTITION', 'SIZE'],
          partitions.map(({ name, sizeBytes }) => [name, sizeText(sizeBytes)]),
          '',
        ),
        `packages: ${packages.join(' ')}`,
        ...(missing.length === 0 ? [] : [`This computer lacks: apt install ${missing.join(' ')}`]),
      ].join('\n'),
  })
}
