import { z } from 'zod';
import type { ChangePicture } from '../accounts/picture/change-picture.ts';
import { mostPictureBytes, type PictureFault, pictureTypes } from '../accounts/picture/picture.ts';
import { AppError } from '../errors.ts';
import { noBody, noParameters, type Route } from '../http/api/route.ts';
import type { DefinePersonRoute } from './person-route.ts';

export interface PictureRouteDeps {
  changePicture: ChangePicture;
}

const pictureView = z.strictObject({ picture: z.string().meta({ format: 'uri' }) }).meta({ id: 'Picture' });

/** `profile/picture` of the account API: the file itself is the body. */
export function makePictureRoutes(define: DefinePersonRoute, { changePicture }: PictureRouteDeps): Route[] {
  return [
    define({
      method: 'POST',
      path: '/profile/picture',
      operationId: 'uploadPicture',
      scope: 'account:write',
      summary: 'Upload your picture; it is cut to a square and newly encoded as WebP',
      params: noParameters,
      query: noParameters,
      body: {
        schema: z.instanceof(Buffer),
        documented: z.string().meta({ format: 'binary', description: `At most ${mostPictureBytes} bytes.` }),
        mediaTypes: pictureTypes,
        bytes: mostPictureBytes,
      },
      success: { status: 200, description: 'Where it is found', schema: pictureView },
      errors: ['overloaded'],
      async handle({ accountId, body: file, by }) {
        const outcome = await changePicture.upload({ accountId, file, by });
        if (outcome.kind === 'refused') throw refusal(outcome.fault);
        if (outcome.kind === 'missing') throw new AppError('unauthenticated');
        return { status: 200, body: { picture: outcome.url }, version: outcome.account.version };
      },
    }),
    define({
      method: 'DELETE',
      path: '/profile/picture',
      operationId: 'removePicture',
      scope: 'account:write',
      summary: 'Remove your picture',
      params: noParameters,
      query: noParameters,
      body: noBody,
      success: { status: 204, description: 'There is none any more' },
      errors: [],
      async handle({ accountId, by }) {
        if ((await changePicture.remove({ accountId, by })).kind === 'missing')
          throw new AppError('unauthenticated');
        return { status: 204 };
      },
    }),
  ];
}

function refusal(fault: PictureFault): AppError {
  switch (fault) {
    case 'type':
      return new AppError('unsupported_media_type', {
        message: 'This is no PNG, JPEG or WebP picture. Nothing was changed.',
      });
    case 'large':
      return new AppError('body_too_large', {
        message: 'The picture has more than 16 million pixels. Nothing was changed.',
      });
    case 'broken':
      return new AppError('invalid_input', {
        message: 'The picture is damaged or not complete. Nothing was changed.',
      });
    default:
      return fault satisfies never;
  }
}
