/** Values link: leads from a flow's output to the values that the hub stores from it. */
import { Link } from '@tanstack/react-router'

/** The link. It needs a `label` if other links of its kind stand beside it. */
export const ValuesLink = ({ device, text, label }: { device: string; text: string; label?: string }) => (
  <Link
    to="/devices/$device"
    params={{ device }}
    search={{ tab: 'values' }}
    aria-label={label}
    className="rounded font-medium whitespace-nowrap text-accent hover:underline"
  >
    {text}
  </Link>
)
