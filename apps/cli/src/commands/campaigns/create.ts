import { asIs, command, flag, required } from '../../program/command.ts'
import { countText } from '../../program/terminal/words.ts'
import { writtenCampaign } from './campaign-file.ts'
import { candidatesTable, spentText } from './campaign-view.ts'

export const createCampaign = command({
  name: 'campaign create',
  summary: 'Start a campaign: devices train a model on their own data, round by round',
  details:
    'The file describes the campaign in YAML: the model, the data, the devices, the rounds and the strategy. Rows stay on the devices. ' +
    'A device takes part only if its owner has started its agent with --training-data for this campaign. ' +
    'With --dry-run, the hub checks everything and lists the devices that could take part.',
  examples: ['skerry campaign create campaign.yaml --dry-run', 'skerry campaign create campaign.yaml'],
  arguments: { file: required('<file>', 'YAML file, or - for stdin', asIs) },
  options: { isDryRun: flag('--dry-run', 'check everything, and start nothing') },
  async run({ file, isDryRun }, session) {
    const spec = await writtenCampaign(file, session)
    const { client } = await session.hub()
    const reply = await client.campaign.create({ spec, dryRun: isDryRun }, { signal: session.signal })
    const { style } = session
    session.print({
      json: reply,
      text: () => {
        const { name, model } = reply.spec
        const base = `${model}:${reply.baseVersion}, ${countText(reply.parameters, 'weight')}`
        const done = isDryRun ? `${name} would train ${base}` : `started ${name}, which trains ${base}`
        const noise = reply.spec.privacy?.noise
        const cost =
          noise && reply.epsilon !== undefined
            ? `; ${countText(reply.spec.rounds, 'round')} would spend ${spentText(noise, reply.epsilon)}`
            : ''
        return `${done}${cost}; ${countText(reply.eligible, 'device')} may take part now\n\n${candidatesTable(reply.candidates, style)}`
      },
    })
  },
})
