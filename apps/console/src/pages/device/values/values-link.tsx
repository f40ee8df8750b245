/** Values link: leads from what a flow tells the hub to where the hub shows it. */
import { Link } from '@tanstack/react-router'
import { valuesTexts } from '../../../texts/english-values.ts'

/** The link; beside others of its kind it says of which device. */
export const ValuesLink = ({ device, text }: { device: string; text: string }) => (
  <Link
    to="/devices/$device"
    params={{ device }}
    search={{ tab: 'values' }}
    aria-label={valuesTexts.of(text, device)}
    className="rounded font-medium whitespace-nowrap text-accent hover:underline"
  >
    {text}
  </Link>
)
