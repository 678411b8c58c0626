import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import { type AnchorHTMLAttributes, forwardRef } from 'react'

type Html<Own> = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof Own> & Own

/** A link of the portal that looks like a button. */
export const LinkButton = createLink(
  forwardRef<HTMLAnchorElement, Html<ButtonProps>>(function LinkButton(props, reference) {
    return <Button component="a" ref={reference} {...props} />
  }),
)

/** A link of the portal within text. */
export const TextLink = createLink(
  forwardRef<HTMLAnchorElement, Html<AnchorProps>>(function TextLink(props, reference) {
    return <Anchor ref={reference} {...props} />
  }),
)
