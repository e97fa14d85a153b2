// Made from the OpenAPI document by `npm run docs`.

export type paths = {
    "/audit": {
        parameters: {
        };
        /** Who changed what, the newest first: of a session, or of all. About the last 10,000 changes are kept */
        get: operations["audit.list"];
    };
    "/batches/{id}": {
        parameters: {
        };
        /** How far a batch came: how many of its messages are in which state */
        get: operations["batch.get"];
        /** Cancels all of a batch that waits, and accepts nothing more of it; what was sent stays sent */
        delete: operations["batch.cancel"];
    };
    "/blocked": {
        parameters: {
        };
        /** Lists the people that the account has blocked */
        get: operations["blocked.list"];
    };
    "/calls/{callId}/reject": {
        parameters: {
        };
        /** Rejects a call that rings now */
        post: operations["call.reject"];
    };
    "/calls/link": {
        parameters: {
        };
        /** Makes a link by which people join a call, now or at a moment */
        post: operations["call.link"];
    };
    "/channels": {
        parameters: {
        };
        /** Lists the channels that the account has made or reads */
        get: operations["channel.list"];
        /** Makes a channel. Only accounts that WhatsApp lets make one can */
        post: operations["channel.create"];
    };
    "/channels/{channelId}": {
        parameters: {
        };
        /** Shows a channel, whether or not the account reads it */
        get: operations["channel.get"];
        /** Deletes a channel for all its readers. Only who made it can */
        delete: operations["channel.delete"];
        /** Changes what is given of a channel */
        patch: operations["channel.update"];
    };
    "/channels/{channelId}/admin-invites/{contactId}": {
        parameters: {
        };
        /** Sends a person an invitation to become an admin of a channel. Only who made it can */
        put: operations["channel.invite-admin"];
        /** Takes back an invitation to become an admin of a channel */
        delete: operations["channel.revoke-admin-invite"];
    };
    "/channels/{channelId}/admin-invites/accept": {
        parameters: {
        };
        /** Makes the account an admin of a channel to which it was invited as one */
        post: operations["channel.accept-admin-invite"];
    };
    "/channels/{channelId}/admins/{contactId}": {
        parameters: {
        };
        /** Makes an admin of a channel, or the account itself, a mere reader. Others only who made it can dismiss */
        delete: operations["channel.dismiss-admin"];
    };
    "/channels/{channelId}/messages": {
        parameters: {
        };
        /** Lists what was written in a channel, the newest first, as far back as WhatsApp Web loads it */
        get: operations["channel.messages"];
    };
    "/channels/{channelId}/mute": {
        parameters: {
        };
        /** Mutes a channel that the account reads, for good */
        put: operations["channel.mute"];
        /** Ends the muting of a channel */
        delete: operations["channel.unmute"];
    };
    "/channels/{channelId}/picture": {
        parameters: {
        };
        /** Changes the picture of a channel */
        put: operations["channel.set-picture"];
        /** Takes the picture of a channel away */
        delete: operations["channel.delete-picture"];
    };
    "/channels/{channelId}/subscribers": {
        parameters: {
        };
        /** Lists the admins and readers of a channel that WhatsApp tells its admins of: the first ones, without an order */
        get: operations["channel.subscribers"];
    };
    "/channels/{channelId}/subscription": {
        parameters: {
        };
        /** Has the account read a channel */
        put: operations["channel.subscribe"];
        /** Has the account read a channel no more */
        delete: operations["channel.unsubscribe"];
    };
    "/channels/invite/{code}": {
        parameters: {
        };
        /** Shows the channel to which an invite code or link leads */
        get: operations["channel.by-invite"];
    };
    "/channels/search": {
        parameters: {
        };
        /** Searches WhatsApp's directory for channels that the account does not read; where no text is given it recommends some */
        get: operations["channel.search"];
    };
    "/chats": {
        parameters: {
        };
        /** Lists the chats, the one with the newest message first */
        get: operations["chat.list"];
    };
    "/chats/{chatId}": {
        parameters: {
        };
        /** Shows a chat */
        get: operations["chat.get"];
        /** Deletes a chat with all its messages, on the devices of the account alone */
        delete: operations["chat.delete"];
    };
    "/chats/{chatId}/archive": {
        parameters: {
        };
        /** Archives a chat */
        put: operations["chat.archive"];
        /** Takes a chat out of the archive */
        delete: operations["chat.unarchive"];
    };
    "/chats/{chatId}/labels": {
        parameters: {
        };
        /** Gives a chat just these labels, of those that the account has */
        put: operations["chat.labels"];
    };
    "/chats/{chatId}/messages": {
        parameters: {
        };
        /** Lists the messages of a chat, the newest first. WhatsApp Web has those that the phone gave to this device, and loads older ones from its store */
        get: operations["chat.history"];
        /** Deletes all messages of a chat, on the devices of the account alone; the chat stays */
        delete: operations["chat.clear"];
    };
    "/chats/{chatId}/mute": {
        parameters: {
        };
        /** Mutes a chat, for good or until a moment */
        put: operations["chat.mute"];
        /** Ends the muting of a chat */
        delete: operations["chat.unmute"];
    };
    "/chats/{chatId}/pin": {
        parameters: {
        };
        /** Pins a chat to the top of the list. WhatsApp pins three */
        put: operations["chat.pin"];
        /** Takes a chat from the top of the list */
        delete: operations["chat.unpin"];
    };
    "/chats/{chatId}/pinned": {
        parameters: {
        };
        /** Lists the messages that are pinned in a chat */
        get: operations["chat.pinned-messages"];
    };
    "/chats/{chatId}/seen": {
        parameters: {
        };
        /** Marks what is unread in a chat as read, which its writers see. The account shows itself online for that moment */
        post: operations["chat.seen"];
    };
    "/chats/{chatId}/typing": {
        parameters: {
        };
        /** Shows in a chat that the account is typing or recording; WhatsApp stops showing it after about 25 s */
        post: operations["chat.typing"];
    };
    "/chats/{chatId}/unread": {
        parameters: {
        };
        /** Marks a chat as unread, on all devices of the account; nobody else sees it */
        put: operations["chat.mark-unread"];
        /** Takes the mark away that a chat is unread. Messages that are unread stay so: `POST /chats/:chatId/seen` marks those as read */
        delete: operations["chat.unmark-unread"];
    };
    "/contacts": {
        parameters: {
        };
        /** Lists the people that WhatsApp Web knows: those in the address book, and those met in chats and groups */
        get: operations["contact.list"];
    };
    "/contacts/{contactId}": {
        parameters: {
        };
        /** Shows what is known of a person, and what they show of themselves */
        get: operations["contact.get"];
        /** Puts a person into the address book of the account, or changes the name there */
        put: operations["contact.save"];
        /** Takes a person out of the address book of the account */
        delete: operations["contact.delete"];
    };
    "/contacts/{contactId}/block": {
        parameters: {
        };
        /** Blocks a person, who can write to the account and call it no more */
        put: operations["contact.block"];
        /** Ends the blocking of a person */
        delete: operations["contact.unblock"];
    };
    "/events": {
        parameters: {
        };
        /** Events as they happen, as server-sent events; of one session, or of all */
        get: operations["event.stream"];
    };
    "/groups": {
        parameters: {
        };
        /** Lists the groups that the account is in */
        get: operations["group.list"];
        /** Makes a group, and tells what became of each person who was to be in it */
        post: operations["group.create"];
    };
    "/groups/{groupId}": {
        parameters: {
        };
        /** Shows a group and who is in it */
        get: operations["group.get"];
        /** Changes what is given of a group; an empty description takes it away. Where one thing is refused the detail names what was changed before it */
        patch: operations["group.update"];
    };
    "/groups/{groupId}/invitations": {
        parameters: {
        };
        /** Sends a person a private invitation to a group: what adding them answered where they can be invited only */
        post: operations["group.send-invitation"];
    };
    "/groups/{groupId}/invite": {
        parameters: {
        };
        /** Shows the link by which people join a group */
        get: operations["group.invite"];
        /** Makes a new link for joining a group; the old one is void */
        delete: operations["group.revoke-invite"];
    };
    "/groups/{groupId}/leave": {
        parameters: {
        };
        /** Leaves a group; its chat stays until it is deleted */
        post: operations["group.leave"];
    };
    "/groups/{groupId}/participants": {
        parameters: {
        };
        /** Lists who is in a group page by page, its admins first */
        get: operations["group.members"];
        /** Adds people to a group, removes them, makes them admins or takes that back, each told by person */
        post: operations["group.participants"];
    };
    "/groups/{groupId}/picture": {
        parameters: {
        };
        /** Tells where the picture of a group is */
        get: operations["group.picture"];
        /** Changes the picture of a group */
        put: operations["group.set-picture"];
        /** Takes the picture of a group away */
        delete: operations["group.delete-picture"];
    };
    "/groups/{groupId}/requests": {
        parameters: {
        };
        /** Lists the people who ask to be let into a group */
        get: operations["group.requests"];
        /** Lets people into a group who ask for it, or turns them away, each told by person */
        post: operations["group.decide"];
    };
    "/groups/invite/{code}": {
        parameters: {
        };
        /** Shows the group to which an invite code or link leads, without joining it */
        get: operations["group.invite-info"];
    };
    "/groups/join": {
        parameters: {
        };
        /** Joins a group by an invite code or link, or asks its admins to let the account in */
        post: operations["group.join"];
    };
    "/health": {
        parameters: {
        };
        /** How many sessions there are, by status; 503 while Redis is away */
        get: operations["service.health"];
    };
    "/labels": {
        parameters: {
        };
        /** Lists the labels of a WhatsApp Business account */
        get: operations["label.list"];
    };
    "/lids/{contactId}": {
        parameters: {
        };
        /** Tells the number of a hidden identity, where WhatsApp Web has learned it, or the hidden identity of a number, for which WhatsApp is asked */
        get: operations["lid.get"];
    };
    "/livez": {
        parameters: {
        };
        /** Is the process alive */
        get: operations["service.livez"];
    };
    "/media": {
        parameters: {
        };
        /** Stores a file for messages of a session (without X-Session-Id: of every session): the body itself, or the part `file` of a form */
        post: operations["media.upload"];
    };
    "/media/{id}": {
        parameters: {
        };
        /** Gives back a file that was stored for a session, or for all */
        get: operations["media.get"];
    };
    "/messages": {
        parameters: {
        };
        /** The messages of a session, what changed last first; their texts are not shown */
        get: operations["message.list"];
    };
    "/messages/{id}": {
        parameters: {
        };
        /** What became of a message */
        get: operations["message.get"];
        /** Cancels a message that waits; 409 once it was handed to WhatsApp */
        delete: operations["message.cancel"];
        /** Gives a text, or the caption of a file, another wording. Only an own message, and within 15 minutes */
        patch: operations["message.edit"];
    };
    "/messages/{id}/accept-invitation": {
        parameters: {
        };
        /** Joins the group to which a private invitation leads that somebody sent to the account */
        post: operations["message.accept-invitation"];
    };
    "/messages/{id}/event": {
        parameters: {
        };
        /** Gives an event that the account announced other fields, all that are to hold, or calls it off */
        put: operations["message.edit-event"];
    };
    "/messages/{id}/forward": {
        parameters: {
        };
        /** Forwards a message, as `POST /send` sends one, under a new id; `{"type": "forward", "messageId": …}` does the same there */
        post: operations["message.forward"];
    };
    "/messages/{id}/media": {
        parameters: {
        };
        /** Gives the file of a message: one that was sent, or one that somebody wrote to the account */
        get: operations["message.media"];
    };
    "/messages/{id}/pin": {
        parameters: {
        };
        /** Pins a message at the top of its chat, for everyone in it */
        put: operations["message.pin"];
        /** Takes a message from the top of its chat, for everyone in it */
        delete: operations["message.unpin"];
    };
    "/messages/{id}/reaction": {
        parameters: {
        };
        /** Reacts to a message, in place of an earlier reaction of the account */
        put: operations["message.react"];
    };
    "/messages/{id}/reactions": {
        parameters: {
        };
        /** Lists the reactions to a message */
        get: operations["message.reactions"];
    };
    "/messages/{id}/receipts": {
        parameters: {
        };
        /** Tells who has got a message of the account, has read it, or listened to it, each of a group for himself. A receipt shows here a second after it came */
        get: operations["message.receipts"];
    };
    "/messages/{id}/response": {
        parameters: {
        };
        /** Answers whether the account comes to an event that a message announces */
        put: operations["message.respond"];
    };
    "/messages/{id}/revoke": {
        parameters: {
        };
        /** Deletes a message for everyone in its chat, or for the account alone. For everyone: an own message within about two days, and as an admin of its group anybody's */
        post: operations["message.revoke"];
    };
    "/messages/{id}/star": {
        parameters: {
        };
        /** Marks a message with a star, for the account alone */
        put: operations["message.star"];
        /** Takes the star of a message away */
        delete: operations["message.unstar"];
    };
    "/messages/{id}/vote": {
        parameters: {
        };
        /** Votes in a poll, in place of an earlier vote of the account; without options the vote is taken back */
        post: operations["message.vote"];
    };
    "/messages/{id}/votes": {
        parameters: {
        };
        /** Tells how people have voted in a poll */
        get: operations["message.votes"];
    };
    "/messages/search": {
        parameters: {
        };
        /** Searches the texts of all messages that WhatsApp Web has, or of one chat, the newest first. WhatsApp says what fits a query */
        get: operations["message.search"];
    };
    "/metrics": {
        parameters: {
        };
        /** Figures of this gateway and of the whole fleet for Prometheus */
        get: operations["service.metrics"];
    };
    "/numbers/{phone}": {
        parameters: {
        };
        /** Asks whether a number is on WhatsApp. An answer is remembered for a day, one that it is not for an hour; new numbers are asked for at a pace that gets no account banned */
        get: operations["number.check"];
    };
    "/openapi.json": {
        parameters: {
        };
        /** This document */
        get: operations["service.openapi"];
    };
    "/pairing-code": {
        parameters: {
        };
        /** A code to pair a phone without a camera; creates the session where there is none */
        post: operations["session.pairing-code"];
    };
    "/presence": {
        parameters: {
        };
        /** Shows the account as online or not. While it is shown as online its phone does not ring; that ends by itself when WhatsApp Web is loaded anew */
        put: operations["presence.set"];
    };
    "/profile": {
        parameters: {
        };
        /** Shows what the account shows of itself */
        get: operations["profile.get"];
        /** Changes what is given of the account's name and about text. Where one of them is refused the detail names what was changed before it */
        patch: operations["profile.update"];
    };
    "/profile/picture": {
        parameters: {
        };
        /** Changes the account's picture */
        put: operations["profile.set-picture"];
        /** Takes the account's picture away */
        delete: operations["profile.delete-picture"];
    };
    "/qr": {
        parameters: {
        };
        /** A QR code to pair a phone; creates the session where there is none */
        get: operations["session.qr"];
    };
    "/queue": {
        parameters: {
        };
        /** How many messages of a session wait, and whether its sending is paused */
        get: operations["queue.get"];
    };
    "/queue/pause": {
        parameters: {
        };
        /** Stops handing messages of a session to WhatsApp; they are accepted and wait, until they expire */
        post: operations["queue.pause"];
    };
    "/queue/resume": {
        parameters: {
        };
        /** Goes on handing messages of a session to WhatsApp */
        post: operations["queue.resume"];
    };
    "/readyz": {
        parameters: {
        };
        /** Can requests be served: 503 while Redis is away, or may evict messages */
        get: operations["service.readyz"];
    };
    "/screenshot": {
        parameters: {
        };
        /** What the page of a session shows at this moment, as a PNG */
        get: operations["session.screenshot"];
    };
    "/send": {
        parameters: {
        };
        /** Sends a message: 200 once WhatsApp has it, 202 when it is accepted and safe but still on its way */
        post: operations["message.send"];
    };
    "/send/bulk": {
        parameters: {
        };
        /** Takes many messages, each judged by itself: a JSON array, or one JSON object a line, of any length */
        post: operations["message.send-bulk"];
    };
    "/session": {
        parameters: {
        };
        /** Sets how fast a session sends, or its proxy, in place of what was set before; what is left out stays */
        put: operations["session.update"];
        /** Logs the session out at WhatsApp and forgets it: 202 while that goes on, 404 when it is gone */
        delete: operations["session.delete"];
    };
    "/session/logout": {
        parameters: {
        };
        /** Logs the session out at WhatsApp and keeps all else of it: 200 when the phone does not list it any more, 202 while that goes on */
        post: operations["session.logout"];
    };
    "/session/restart": {
        parameters: {
        };
        /** Closes the browser of a session and opens it again; starts one that does not run */
        post: operations["session.restart"];
    };
    "/session/start": {
        parameters: {
        };
        /** Starts a session that was stopped or has failed */
        post: operations["session.start"];
    };
    "/session/stop": {
        parameters: {
        };
        /** Stops a session and keeps its login: 200 when it is stopped, 202 while that goes on */
        post: operations["session.stop"];
    };
    "/sessions": {
        parameters: {
        };
        /** The known sessions, page by page; wakes none of them */
        get: operations["session.list"];
    };
    "/status": {
        parameters: {
        };
        /** The state of one session; loads one with a saved login */
        get: operations["session.get"];
    };
    "/tokens": {
        parameters: {
        };
        /** The issued tokens, without the tokens themselves; those of the configuration are not among them */
        get: operations["token.list"];
        /** Issues a token, which counts at once on every gateway */
        post: operations["token.issue"];
    };
    "/tokens/{id}": {
        parameters: {
        };
        /** Revokes an issued token, at once on every gateway */
        delete: operations["token.revoke"];
    };
    "/tokens/self": {
        parameters: {
        };
        /** What the token of this request allows */
        get: operations["token.self"];
    };
    "/webhooks": {
        parameters: {
        };
        /** The webhooks of a session, or those for all sessions */
        get: operations["webhook.list"];
    };
    "/webhooks/{name}": {
        parameters: {
        };
        /** A webhook, and how far behind it is */
        get: operations["webhook.get"];
        /** Sets up a webhook of a session, or for all sessions, in place of the one of that name */
        put: operations["webhook.set"];
        /** Removes a webhook, and all that waits for it */
        delete: operations["webhook.delete"];
    };
    "/webhooks/{name}/deliveries": {
        parameters: {
        };
        /** What became of the deliveries of a webhook, the latest first */
        get: operations["webhook.deliveries"];
    };
    "/webhooks/{name}/deliveries/{id}/redeliver": {
        parameters: {
        };
        /** Sends one event again, under its id */
        post: operations["webhook.redeliver-one"];
    };
    "/webhooks/{name}/redeliver": {
        parameters: {
        };
        /** Sends events again that came to a status, under their ids */
        post: operations["webhook.redeliver"];
    };
    "/webhooks/{name}/test": {
        parameters: {
        };
        /** Posts a test event to a webhook, once, and tells what its receiver answered */
        post: operations["webhook.test"];
    };
    "/workers": {
        parameters: {
        };
        /** The workers that live, by name: what each of them does, and what memory it takes */
        get: operations["worker.list"];
    };
};
export type webhooks = {
    event: {
        parameters: {
        };
        /** What is posted to a webhook, signed as Standard Webhooks say; any 2xx takes it */
        post: operations["event.deliver"];
    };
};
export type components = {
    schemas: {
        AudioContent: {
            /** @description The name under which it arrives, without folders; its ending is derived where it has none. */
            filename?: string;
            media: components["schemas"]["Media"];
            /** @enum {string} */
            type: "audio";
        };
        Batch: {
            accepted: number;
            batchId: string;
            /** Format: date-time */
            canceledAt?: string;
            counts: {
                canceled: number;
                delivered: number;
                expired: number;
                failed: number;
                played: number;
                queued: number;
                read: number;
                sending: number;
                sent: number;
                unknown: number;
            };
            /** Format: date-time */
            createdAt: string;
            done: boolean;
            /** Format: date-time */
            finishedAt?: string;
            refused: number;
            sessionId: string;
            total: number;
            /** @enum {string} */
            upload: "receiving" | "complete" | "interrupted";
        };
        BulkLine: {
            /**
             * Format: date-time
             * @description Until when it may be sent; 24 hours after it is due where absent.
             */
            expiresAt?: string;
            /** @description The same key with the same line is the same message, as `Idempotency-Key` of POST /send. */
            idempotencyKey?: string;
            /** @description A plain string is short for a message of type text. */
            message: string | components["schemas"]["MessageContent"];
            /**
             * @description `urgent` overtakes the messages of other chats, never older ones of its own.
             * @enum {string}
             */
            priority?: "normal" | "urgent";
            /** @description Your own word for it, returned everywhere. */
            reference?: string;
            /** @description The id of the message that this one answers. */
            replyTo?: string;
            /**
             * Format: date-time
             * @description When it is due. At once where absent or past.
             */
            sendAt?: string;
            to: string;
        };
        /** @description Somebody calls the account, and what becomes of the call: each change is an event with the same `id`. */
        CallReceivedEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                from: components["schemas"]["Member"];
                /** @description Of the call. */
                id: string;
                isGroup: boolean;
                isVideo: boolean;
                /**
                 * @description `accepted`: on whichever device of the account. `ended` follows it.
                 * @enum {string}
                 */
                state: "ringing" | "accepted" | "rejected" | "missed" | "ended";
                /**
                 * Format: date-time
                 * @description When it was heard.
                 */
                timestamp: string;
            };
            /** @enum {string} */
            event: "call.received";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        Channel: {
            createdAt: string | null;
            description: string | null;
            /** @description As WhatsApp has it. */
            id: string;
            inviteLink: string | null;
            muted: boolean;
            name: string;
            /** @description Its address at WhatsApp, where WhatsApp Web knows it. */
            picture: string | null;
            /** @description With which emojis its readers may react. */
            reactions: ("all" | "basic" | "none") | null;
            /**
             * @description What the account is in it; a guest is who only looks at it.
             * @enum {string}
             */
            role: "owner" | "admin" | "subscriber" | "guest";
            /** @description How many, where WhatsApp tells it. */
            subscribers: number | null;
            verified: boolean;
        };
        Chat: {
            archived: boolean;
            /** @description As WhatsApp has it. */
            id: string;
            isGroup: boolean;
            lastMessageAt: string | null;
            /** @description The person's hidden identity, where it is known. */
            lid?: string;
            /** @description Somebody marked it as unread by hand. */
            markedUnread: boolean;
            muted: boolean;
            /**
             * Format: date-time
             * @description Absent where it is muted for good.
             */
            mutedUntil?: string;
            name: string;
            /** @description Digits of the person's number, where it is known. */
            phone?: string;
            pinned: boolean;
            unreadCount: number;
        };
        /** @description A chat was put into the archive, or taken out of it, by whomever. */
        ChatArchivedEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                archived: boolean;
                /** @description As WhatsApp has it. */
                chatId: string;
                /** @description The hidden identity of the chat's person, where it is known. */
                lid?: string;
                /** @description Digits of the chat's person, where they are known. */
                phone?: string;
            };
            /** @enum {string} */
            event: "chat.archived";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        /** @description A chat was deleted, by whomever. */
        ChatRemovedEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /** @description As WhatsApp has it. */
                chatId: string;
                /** @description The hidden identity of the chat's person, where it is known. */
                lid?: string;
                /** @description Digits of the chat's person, where they are known. */
                phone?: string;
            };
            /** @enum {string} */
            event: "chat.removed";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        /** @description How many messages of a chat are unread has changed. Changes within half a second are one event. */
        ChatUnreadEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /** @description As WhatsApp has it. */
                chatId: string;
                /** @description The hidden identity of the chat's person, where it is known. */
                lid?: string;
                /** @description Somebody marked it as unread by hand. */
                markedUnread: boolean;
                /** @description Digits of the chat's person, where they are known. */
                phone?: string;
                unreadCount: number;
            };
            /** @enum {string} */
            event: "chat.unread";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        Contact: {
            blocked: boolean;
            /** @description As WhatsApp has it. */
            id: string;
            isBusiness: boolean;
            /** @description The hidden identity, where it is known. */
            lid?: string;
            /** @description As the account has it in its address book. */
            name: string | null;
            /** @description Digits of the number, where it is known. */
            phone?: string;
            /** @description As they call themselves. */
            pushName: string | null;
            /** @description Is in the address book. */
            saved: boolean;
        };
        /** @description Somebody has another number from now on. In each chat with the person it is an event of its own. */
        ContactChangedEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                after: components["schemas"]["Member"];
                before: components["schemas"]["Member"];
                /** @description The chat in which WhatsApp says so: a group, or that of the person. */
                chatId: string;
                /**
                 * Format: date-time
                 * @description When WhatsApp says that it happened.
                 */
                timestamp: string;
            };
            /** @enum {string} */
            event: "contact.changed";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        ContactContent: {
            /** @description Each `{vcard}`, `{name, phone, organization?}`, or `{id}` of somebody on WhatsApp. */
            contacts: ({
                vcard: string;
            } | {
                name: string;
                organization?: string;
                phone: string;
            } | {
                id: string;
            })[];
            /** @enum {string} */
            type: "contact";
        };
        ContactDetails: {
            /** @description What they say of themselves; null where they show it not. */
            about: string | null;
            blocked: boolean;
            business: {
                address?: string;
                categories: string[];
                description?: string;
                email?: string;
                websites: string[];
            } | null;
            /** @description Ids of the groups in which the account meets them. */
            commonGroups: string[];
            /** @description As WhatsApp has it. */
            id: string;
            isBusiness: boolean;
            /** @description The hidden identity, where it is known. */
            lid?: string;
            /** @description As the account has it in its address book. */
            name: string | null;
            /** @description Digits of the number, where it is known. */
            phone?: string;
            /** @description Its address at WhatsApp, for some days; null where they show none. */
            picture: string | null;
            /** @description As they call themselves. */
            pushName: string | null;
            /** @description Is in the address book. */
            saved: boolean;
        };
        DocumentContent: {
            /** @description The text below it. */
            caption?: string;
            /** @description The name under which it arrives, without folders; its ending is derived where it has none. */
            filename?: string;
            media: components["schemas"]["Media"];
            /** @description The people whom the caption names with `@`; in a group also `all`. */
            mentions?: string[] | "all";
            /** @enum {string} */
            type: "document";
        };
        /** @description What a stream gives, and what is posted to a webhook. */
        Event: components["schemas"]["MessageEvent"] | components["schemas"]["MessageAnyEvent"] | components["schemas"]["MessageAckEvent"] | components["schemas"]["MessageStatusEvent"] | components["schemas"]["MessageReactionEvent"] | components["schemas"]["MessageEditedEvent"] | components["schemas"]["MessageRevokedEvent"] | components["schemas"]["MessageUndecryptableEvent"] | components["schemas"]["PollVoteEvent"] | components["schemas"]["GroupJoinEvent"] | components["schemas"]["GroupLeaveEvent"] | components["schemas"]["GroupParticipantsEvent"] | components["schemas"]["GroupUpdateEvent"] | components["schemas"]["GroupRequestEvent"] | components["schemas"]["ChatArchivedEvent"] | components["schemas"]["ChatRemovedEvent"] | components["schemas"]["ChatUnreadEvent"] | components["schemas"]["ContactChangedEvent"] | components["schemas"]["PresenceEvent"] | components["schemas"]["CallReceivedEvent"] | components["schemas"]["SessionStatusEvent"] | components["schemas"]["SessionQrEvent"] | components["schemas"]["SessionRestrictionEvent"];
        EventContent: {
            /**
             * @description That it is a call: WhatsApp makes a link by which all can join.
             * @enum {string}
             */
            call?: "voice" | "video";
            description?: string;
            /**
             * Format: date-time
             * @description When it is over.
             */
            endsAt?: string;
            /** @description Where it is, in words. */
            location?: string;
            name: string;
            /**
             * Format: date-time
             * @description When it begins, to the second.
             */
            startsAt: string;
            /** @enum {string} */
            type: "event";
        };
        ForwardContent: {
            /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
            messageId: string;
            /** @enum {string} */
            type: "forward";
        };
        Group: {
            /** @description An admin has to let in who joins by a link. */
            approvalNeeded: boolean;
            createdAt: string | null;
            description: string | null;
            /** @description As WhatsApp has it. */
            id: string;
            /** @description Whether the account is an admin of it. */
            isAdmin: boolean;
            /** @description Only admins add people. */
            onlyAdminsAdd: boolean;
            /** @description Only admins change subject, description and picture. */
            onlyAdminsEdit: boolean;
            /** @description Only admins write. */
            onlyAdminsSend: boolean;
            /** @description Who made it, where that is known. */
            owner: components["schemas"]["PersonIds"] | null;
            /** @description How many are in it. */
            size: number;
            subject: string;
        };
        GroupDetails: {
            /** @description An admin has to let in who joins by a link. */
            approvalNeeded: boolean;
            createdAt: string | null;
            description: string | null;
            /** @description As WhatsApp has it. */
            id: string;
            /** @description Whether the account is an admin of it. */
            isAdmin: boolean;
            /** @description Only admins add people. */
            onlyAdminsAdd: boolean;
            /** @description Only admins change subject, description and picture. */
            onlyAdminsEdit: boolean;
            /** @description Only admins write. */
            onlyAdminsSend: boolean;
            /** @description Who made it, where that is known. */
            owner: components["schemas"]["PersonIds"] | null;
            participants: {
                /** @description As WhatsApp has it. */
                id: string;
                /** @description The hidden identity, where it is known. */
                lid?: string;
                /** @description Digits of the number, where it is known. */
                phone?: string;
                /** @enum {string} */
                role: "member" | "admin" | "superadmin";
            }[];
            /** @description How many are in it. */
            size: number;
            subject: string;
        };
        /** @description Somebody came into a group. */
        GroupJoinEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /** @description Who did it, where WhatsApp tells it. */
                by?: components["schemas"]["Member"];
                /** @description The group. */
                chatId: string;
                /**
                 * @description By a member, or by an invitation, a link or a community.
                 * @enum {string}
                 */
                how: "added" | "invited";
                /** @description Whom it is about. */
                participants: components["schemas"]["Member"][];
                /**
                 * Format: date-time
                 * @description When WhatsApp says that it happened.
                 */
                timestamp: string;
            };
            /** @enum {string} */
            event: "group.join";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        /** @description Somebody left a group, or was removed from it. */
        GroupLeaveEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /** @description Who did it, where WhatsApp tells it. */
                by?: components["schemas"]["Member"];
                /** @description The group. */
                chatId: string;
                /** @enum {string} */
                how: "left" | "removed";
                /** @description Whom it is about. */
                participants: components["schemas"]["Member"][];
                /**
                 * Format: date-time
                 * @description When WhatsApp says that it happened.
                 */
                timestamp: string;
            };
            /** @enum {string} */
            event: "group.leave";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        /** @description Members of a group became admins, or are no admins any more. */
        GroupParticipantsEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /** @enum {string} */
                action: "promoted" | "demoted";
                /** @description Who did it, where WhatsApp tells it. */
                by?: components["schemas"]["Member"];
                /** @description The group. */
                chatId: string;
                /** @description Whom it is about. */
                participants: components["schemas"]["Member"][];
                /**
                 * Format: date-time
                 * @description When WhatsApp says that it happened.
                 */
                timestamp: string;
            };
            /** @enum {string} */
            event: "group.participants";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        /** @description Somebody asked to be let into a group, or took that back. Only admins of the group are told. */
        GroupRequestEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /** @enum {string} */
                action: "asked" | "withdrawn";
                /** @description Who did it, where WhatsApp tells it. */
                by?: components["schemas"]["Member"];
                /** @description The group. */
                chatId: string;
                /** @description Whom it is about. */
                participants: components["schemas"]["Member"][];
                /**
                 * Format: date-time
                 * @description When WhatsApp says that it happened.
                 */
                timestamp: string;
            };
            /** @enum {string} */
            event: "group.request";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        /** @description A group was made, or something of it was changed: its subject, its picture, a setting. */
        GroupUpdateEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /** @description Who did it, where WhatsApp tells it. */
                by?: components["schemas"]["Member"];
                /** @description WhatsApp's word: `subject`, `description`, `picture`, `announce`, `restrict`, `create` and others. */
                change: string;
                /** @description The group. */
                chatId: string;
                /**
                 * Format: date-time
                 * @description When WhatsApp says that it happened.
                 */
                timestamp: string;
                /** @description What it is now, where WhatsApp tells it. */
                value?: string;
            };
            /** @enum {string} */
            event: "group.update";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        ImageContent: {
            /** @description The text below it. */
            caption?: string;
            /** @description The name under which it arrives, without folders; its ending is derived where it has none. */
            filename?: string;
            /**
             * @description Whether it is sent larger than WhatsApp would by itself.
             * @default false
             */
            hd?: boolean;
            media: components["schemas"]["Media"];
            /** @description The people whom the caption names with `@`; in a group also `all`. */
            mentions?: string[] | "all";
            /** @enum {string} */
            type: "image";
            /**
             * @description Whether it can be looked at only once.
             * @default false
             */
            viewOnce?: boolean;
        };
        Label: {
            /** @description As `#rrggbb`. */
            color: string | null;
            id: string;
            name: string;
        };
        LocationContent: {
            address?: string;
            /** @description Degrees, north positive. */
            latitude: number;
            /** @description Degrees, east positive. */
            longitude: number;
            /** @description What the place is called. */
            name?: string;
            /** @enum {string} */
            type: "location";
            /**
             * Format: uri
             * @description What opens when the place is touched.
             */
            url?: string;
        };
        Media: {
            /** @description What the file is, where its bytes do not tell. */
            mimetype?: string;
            /** @description The id that `POST /media` answered. */
            upload: string;
        } | {
            /** @description What the file is, where its bytes do not tell. */
            mimetype?: string;
            /**
             * Format: uri
             * @description Where it is fetched from before the message is accepted; only from public addresses.
             */
            url: string;
        } | {
            /** @description Base64, also URL-safe, with line breaks or with a `data:` prefix. For small files. */
            data: string;
            /** @description What the file is, where its bytes do not tell. */
            mimetype?: string;
        };
        Member: {
            /** @description Chat id, as WhatsApp has it. */
            id: string;
            /** @description The hidden identity, where WhatsApp tells it. */
            lid?: string;
            /** @description Digits of the number, where WhatsApp tells it. */
            phone?: string;
        };
        Message: {
            /** @description 0 waiting, 1 server, 2 device, 3 read, 4 played; -1 for an error. */
            ack: number;
            /** @description Chat id of who wrote it, in a group. */
            author?: string;
            /** @description Where what was written is read at this service, where `EVENT_BODIES` is `off`. */
            bodyUrl?: string;
            /** @description As WhatsApp has it. */
            chatId: string;
            contacts?: {
                vcard: string;
            }[];
            /** @enum {boolean} */
            forwarded?: true;
            /** @description Who wrote it. */
            from: components["schemas"]["Person"];
            fromMe: boolean;
            /** @description WhatsApp's id of the message; of one that was sent through us it is ours as well. */
            id: string;
            /** @description The hidden identity of the chat's person, where it is known. */
            lid?: string;
            location?: {
                address?: string;
                latitude: number;
                longitude: number;
                name?: string;
            };
            media?: {
                filename?: string;
                mimetype?: string;
                seconds?: number;
                /** @description Bytes. */
                size?: number;
                /**
                 * @description WhatsApp has it; it is fetched when you ask for it. No event tells what became of it later.
                 * @enum {string}
                 */
                state: "pending";
                /** @description Where the file is: `GET` it with a token and the session's id. A path of this API, and a whole address where `PUBLIC_URL` is set. 410 where WhatsApp does not have it any more. */
                url: string;
            };
            /** @description Chat ids. */
            mentions: string[];
            /** @description WhatsApp's full id, which replies and operations take as well. */
            messageId: string;
            /** @description Digits of the chat's person, where they are known. */
            phone?: string;
            poll?: {
                multiple: boolean;
                options: string[];
                question: string;
            };
            /** @description What it answers. */
            quoted?: {
                author?: string;
                id: string;
                text: string;
                type: string;
            };
            /** @description Your own word, of a message that was sent through us. */
            reference?: string;
            /** @description The text, or the caption; empty where there is none. */
            text: string;
            /**
             * Format: date-time
             * @description When WhatsApp says that it was written.
             */
            timestamp: string;
            /** @description WhatsApp's word; `text` for a text. */
            type: string;
        };
        /** @description WhatsApp's word about a message of the account: the server has it, it was delivered, read or played. */
        MessageAckEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /** @description 1 server, 2 device, 3 read, 4 played; -1 for an error. */
                ack: number;
                /** @enum {string} */
                ackName: "error" | "server" | "device" | "read" | "played";
                /** @description As WhatsApp has it, where it is known. */
                chatId?: string;
                id: string;
                /** @description WhatsApp's full id, where it is known. */
                messageId?: string;
                reference?: string;
            };
            /** @enum {string} */
            event: "message.ack";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        /** @description As `message`, and the account's own messages as well, sent through us or on the phone. Who asks for both gets others' messages once, as `message`. */
        MessageAnyEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: components["schemas"]["Message"];
            /** @enum {string} */
            event: "message.any";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        MessageContent: components["schemas"]["TextContent"] | components["schemas"]["ImageContent"] | components["schemas"]["VideoContent"] | components["schemas"]["AudioContent"] | components["schemas"]["VoiceContent"] | components["schemas"]["DocumentContent"] | components["schemas"]["StickerContent"] | components["schemas"]["LocationContent"] | components["schemas"]["ContactContent"] | components["schemas"]["PollContent"] | components["schemas"]["EventContent"] | components["schemas"]["ForwardContent"];
        /** @description A message has another text, or a file another caption. Each edit is one event. */
        MessageEditedEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /** @description Chat id of who did it, in a group. */
                author?: string;
                /** @description As WhatsApp has it. */
                chatId: string;
                /** @description Who did it. */
                from: components["schemas"]["Person"];
                /** @description Whether the account did it. */
                fromMe: boolean;
                /** @description WhatsApp's id of the message that it is about. */
                id: string;
                /** @description The hidden identity of the chat's person, where it is known. */
                lid?: string;
                /** @description Chat ids. */
                mentions: string[];
                /** @description WhatsApp's full id of that message. */
                messageId: string;
                /** @description Digits of the chat's person, where they are known. */
                phone?: string;
                /** @description The new text, or the new caption. */
                text: string;
                /**
                 * Format: date-time
                 * @description When WhatsApp says that it was done.
                 */
                timestamp: string;
            };
            /** @enum {string} */
            event: "message.edited";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        /** @description Somebody wrote to the account, or to a group of it. */
        MessageEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: components["schemas"]["Message"];
            /** @enum {string} */
            event: "message";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        /** @description Somebody reacted to a message, changed the reaction, or took it back. */
        MessageReactionEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /** @description Chat id of who did it, in a group. */
                author?: string;
                /** @description As WhatsApp has it. */
                chatId: string;
                /** @description Empty where the reaction was taken back. */
                emoji: string;
                /** @description Who did it. */
                from: components["schemas"]["Person"];
                /** @description Whether the account did it. */
                fromMe: boolean;
                /** @description WhatsApp's id of the message that it is about. */
                id: string;
                /** @description The hidden identity of the chat's person, where it is known. */
                lid?: string;
                /** @description WhatsApp's full id of that message. */
                messageId: string;
                /** @description Digits of the chat's person, where they are known. */
                phone?: string;
                /**
                 * Format: date-time
                 * @description When WhatsApp says that it was done.
                 */
                timestamp: string;
            };
            /** @enum {string} */
            event: "message.reaction";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        MessageRecord: {
            /** Format: date-time */
            acceptedAt: string;
            batchId?: string;
            /** Format: date-time */
            canceledAt?: string;
            /** Format: date-time */
            deliveredAt?: string;
            error?: {
                code: string;
                detail?: string;
                error: string;
                whatsapp?: {
                    code: number;
                    meaning: string;
                };
            };
            /** Format: date-time */
            expiredAt?: string;
            /** Format: date-time */
            expiresAt: string;
            /** Format: date-time */
            failedAt?: string;
            id: string;
            line?: number;
            media?: {
                sentBytes: number;
            };
            message: string;
            messageId: string | null;
            /** Format: date-time */
            playedAt?: string;
            /** @enum {string} */
            priority?: "normal" | "urgent";
            /** Format: date-time */
            readAt?: string;
            reference?: string;
            /** Format: date-time */
            resentAt?: string;
            /** Format: date-time */
            sendAt?: string;
            /** Format: date-time */
            sendingAt?: string;
            /** Format: date-time */
            sentAt?: string;
            sessionId: string;
            /** @enum {string} */
            status: "queued" | "sending" | "sent" | "delivered" | "read" | "played" | "failed" | "canceled" | "expired" | "unknown";
            to: {
                chatId: string | null;
                input: string;
                lid?: string;
            };
            /** Format: date-time */
            unknownAt?: string;
        };
        /** @description A message was deleted for everyone, by who wrote it or by an admin of the group. */
        MessageRevokedEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /** @description Chat id of who did it, in a group. */
                author?: string;
                /**
                 * @description An admin of the group deleted what somebody else wrote.
                 * @enum {boolean}
                 */
                byAdmin?: true;
                /** @description As WhatsApp has it. */
                chatId: string;
                /** @description Who did it. */
                from: components["schemas"]["Person"];
                /** @description Whether the account did it. */
                fromMe: boolean;
                /** @description WhatsApp's id of the message that it is about. */
                id: string;
                /** @description The hidden identity of the chat's person, where it is known. */
                lid?: string;
                /** @description WhatsApp's full id of that message. */
                messageId: string;
                /** @description Digits of the chat's person, where they are known. */
                phone?: string;
                /**
                 * Format: date-time
                 * @description When WhatsApp says that it was done.
                 */
                timestamp: string;
            };
            /** @enum {string} */
            event: "message.revoked";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        /** @description What became of a message that was sent through us: each state from the one that settles it on. */
        MessageStatusEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                batch?: string;
                /** @description The chat that it turned out to be. */
                chatId?: string;
                id: string;
                /** @description WhatsApp's full id, where it is known. */
                messageId?: string;
                /** @description The error code of one that was not sent. */
                reason?: string;
                reference?: string;
                /** @description `X-Request-Id` of the request that it came with. */
                requestId?: string;
                /** @enum {string} */
                status: "queued" | "sending" | "sent" | "delivered" | "read" | "played" | "failed" | "canceled" | "expired" | "unknown";
                /** @description As you wrote it. */
                to: string;
                /** @description The number with which WhatsApp's server refused it, and what it means. */
                whatsapp?: {
                    code: number;
                    meaning: string;
                };
            };
            /** @enum {string} */
            event: "message.status";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        /** @description A message came that WhatsApp Web could not decrypt within 20 seconds. It is shown on the phone. Should it be decrypted later, it is told as `message`. */
        MessageUndecryptableEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /** @description Chat id of who did it, in a group. */
                author?: string;
                /** @description As WhatsApp has it. */
                chatId: string;
                /** @description Who did it. */
                from: components["schemas"]["Person"];
                /** @description Whether the account did it. */
                fromMe: boolean;
                /** @description WhatsApp's id of the message that it is about. */
                id: string;
                /** @description The hidden identity of the chat's person, where it is known. */
                lid?: string;
                /** @description WhatsApp's full id of that message. */
                messageId: string;
                /** @description Digits of the chat's person, where they are known. */
                phone?: string;
                /**
                 * @description `phone_only`: WhatsApp gives it to the phone alone, such as what is to be seen once.
                 * @enum {string}
                 */
                reason: "waiting" | "phone_only";
                /**
                 * Format: date-time
                 * @description When WhatsApp says that it was done.
                 */
                timestamp: string;
            };
            /** @enum {string} */
            event: "message.undecryptable";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        Pacing: {
            /** @description Pause between two messages to the same chat (ms). */
            chatGapMs: number;
            /** @description Acked messages a calendar day (UTC); 0 for no limit. */
            dailyCap: number;
            /** @description Up to so much is added at random between any two messages (ms). */
            jitterMs: number;
            /**
             * @description What becomes of messages over the daily cap: they wait for the next day, or are refused with 429.
             * @enum {string}
             */
            overCap: "queue" | "refuse";
            /** @description Messages a minute, evenly spread; 0 for no limit. */
            perMinute: number;
            /** @description How long a chat sees at most, before a text, that it is typed, or before voice that it is recorded (ms); shorter for short texts, 0 for not at all. */
            typingMs: number;
            /** @description A smaller daily cap for an account that was paired a short while ago; null for none. */
            warmUp: {
                /** @description How long a new number is held back, in days. */
                days: number;
                /** @description The cap of the first day; it grows evenly up to `dailyCap`. */
                startPerDay: number;
            } | null;
        };
        PacingChanges: {
            /** @description Pause between two messages to the same chat (ms). */
            chatGapMs?: number;
            /** @description Acked messages a calendar day (UTC); 0 for no limit. */
            dailyCap?: number;
            /** @description Up to so much is added at random between any two messages (ms). */
            jitterMs?: number;
            /**
             * @description What becomes of messages over the daily cap: they wait for the next day, or are refused with 429.
             * @enum {string}
             */
            overCap?: "queue" | "refuse";
            /** @description Messages a minute, evenly spread; 0 for no limit. */
            perMinute?: number;
            /** @description How long a chat sees at most, before a text, that it is typed, or before voice that it is recorded (ms); shorter for short texts, 0 for not at all. */
            typingMs?: number;
            /** @description A smaller daily cap for an account that was paired a short while ago; null for none. */
            warmUp?: {
                /** @description How long a new number is held back, in days. */
                days: number;
                /** @description The cap of the first day; it grows evenly up to `dailyCap`. */
                startPerDay: number;
            } | null;
        };
        Person: {
            /** @description The hidden identity, where WhatsApp tells it. */
            lid?: string;
            /** @description Digits of the number, where WhatsApp tells it. */
            phone?: string;
            /** @description The name that the person chose. */
            pushName?: string;
        };
        PersonIds: {
            /** @description As WhatsApp has it. */
            id: string;
            /** @description The hidden identity, where it is known. */
            lid?: string;
            /** @description Digits of the number, where it is known. */
            phone?: string;
        };
        PollContent: {
            /**
             * @description Whether one person may choose several.
             * @default false
             */
            multiple?: boolean;
            /** @description 2 to 12 answers, each different. */
            options: string[];
            question: string;
            /** @enum {string} */
            type: "poll";
        };
        /** @description Somebody voted in a poll, changed the vote, or took it back. `id` is that of the poll. */
        PollVoteEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /** @description Chat id of who did it, in a group. */
                author?: string;
                /** @description As WhatsApp has it. */
                chatId: string;
                /** @description Who did it. */
                from: components["schemas"]["Person"];
                /** @description Whether the account did it. */
                fromMe: boolean;
                /** @description WhatsApp's id of the message that it is about. */
                id: string;
                /** @description The hidden identity of the chat's person, where it is known. */
                lid?: string;
                /** @description WhatsApp's full id of that message. */
                messageId: string;
                /** @description What is chosen now; empty where the vote was taken back, null where WhatsApp Web does not have the poll. */
                options: string[] | null;
                /** @description Digits of the chat's person, where they are known. */
                phone?: string;
                /**
                 * Format: date-time
                 * @description When WhatsApp says that it was done.
                 */
                timestamp: string;
            };
            /** @enum {string} */
            event: "poll.vote";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        /** @description Somebody is online, offline, typing or recording. WhatsApp tells it only while the account shows itself as available. */
        PresenceEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /** @description As WhatsApp has it. */
                chatId: string;
                /** @description Who it is; in a group, one of its members. */
                from: components["schemas"]["Member"];
                /** @description The hidden identity of the chat's person, where it is known. */
                lid?: string;
                /** @description Digits of the chat's person, where they are known. */
                phone?: string;
                /** @enum {string} */
                state: "online" | "offline" | "typing" | "recording";
                /**
                 * Format: date-time
                 * @description When it was heard.
                 */
                timestamp: string;
            };
            /** @enum {string} */
            event: "presence";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        /** @description An error of the catalogue. */
        Problem: {
            /** @enum {string} */
            code: "unauthorized" | "forbidden" | "too_many_wrong_tokens" | "rate_limited" | "token_not_found" | "too_many_tokens" | "session_forbidden" | "missing_session_id" | "invalid_session_id" | "invalid_request" | "not_found" | "method_not_allowed" | "request_timeout" | "headers_too_large" | "payload_too_large" | "unsupported_media_type" | "session_not_found" | "session_not_ready" | "session_deleting" | "session_logging_out" | "logout_not_confirmed" | "already_paired" | "too_many_unpaired" | "queue_full" | "batch_not_found" | "batch_canceled" | "daily_cap_reached" | "message_not_found" | "message_not_sent" | "message_not_own" | "message_too_old" | "message_not_editable" | "message_revoked" | "message_not_allowed" | "not_a_poll" | "poll_options_invalid" | "webhook_not_found" | "delivery_not_found" | "media_not_fetched" | "media_not_converted" | "converter_unavailable" | "media_not_found" | "media_gone" | "media_store_full" | "message_without_media" | "chat_not_found" | "contact_not_found" | "call_not_found" | "label_not_found" | "not_group_admin" | "invite_not_valid" | "whatsapp_refused" | "too_many_pinned" | "too_many_number_checks" | "too_many_reads" | "idempotency_key_reused" | "recipient_not_on_whatsapp" | "recipient_blocked" | "not_in_group" | "group_admins_only" | "not_channel_admin" | "contact_not_on_whatsapp" | "mention_not_on_whatsapp" | "account_changed" | "message_expired" | "message_canceled" | "already_sent" | "outcome_unknown" | "send_failed" | "quoted_message_not_found" | "worker_failed" | "worker_timeout" | "not_confirmed" | "not_supported" | "not_available_in_this_page" | "redis_unavailable" | "redis_full" | "redis_may_evict" | "internal_error";
            detail: string;
            error: string;
            requestId: string;
            retryable: boolean;
            status: number;
            title: string;
            type: string;
        } & {
            [key: string]: unknown;
        };
        Profile: {
            about: string | null;
            /** @description The account's own hidden identity, where it is known. */
            lid: string | null;
            /** @description As others see it who have not noted another. */
            name: string;
            /** @description Digits of the account's number. */
            phone: string;
            /** @description Its address at WhatsApp, for some days. */
            picture: string | null;
        };
        Queue: {
            nextDueAt: string | null;
            oldestMs: number | null;
            paused: boolean;
            scheduled: number;
            sending: number;
            sessionId: string;
            urgent: number;
            waiting: number;
        };
        ResultsByPerson: {
            groupId: string;
            results: {
                /** @description WhatsApp's number: 200 done, 403 can be invited only, 404 not on WhatsApp or not in the group, 408 has left a moment ago, 409 is in it already, 419 the group is full; 0 where there was no time left, so that it was not tried; -1 where WhatsApp Web failed at it, so that it may have been done. */
                code: number;
                /** @description True where WhatsApp has confirmed it. */
                done: boolean;
                /** @description Of somebody who can be invited only: the code of an invitation for them alone. */
                invite?: {
                    code: string;
                    expiresAt: string | null;
                };
                /** @description As you named them, in digits or as a hidden identity. */
                person: string;
            }[];
        };
        SendAnswer: {
            /** Format: date-time */
            expiresAt?: string;
            id: string;
            messageId: string | null;
            /** @enum {string} */
            priority?: "normal" | "urgent";
            reference?: string;
            /** Format: date-time */
            sendAt?: string;
            sessionId: string;
            /** @enum {string} */
            status: "queued" | "sending" | "sent" | "delivered" | "read" | "played" | "failed" | "canceled" | "expired" | "unknown";
            /** @enum {boolean} */
            success: true;
            /** Format: date-time */
            timestamp: string;
            to: {
                chatId: string | null;
                input: string;
                lid?: string;
            };
        };
        SendRequest: {
            /**
             * Format: date-time
             * @description Until when it may be sent; 24 hours after it is due where absent.
             */
            expiresAt?: string;
            /** @description A plain string is short for a message of type text. */
            message: string | components["schemas"]["MessageContent"];
            /**
             * @description `urgent` overtakes the messages of other chats, never older ones of its own.
             * @enum {string}
             */
            priority?: "normal" | "urgent";
            /** @description Your own word for it, returned everywhere. */
            reference?: string;
            /** @description The id of the message that this one answers. */
            replyTo?: string;
            /**
             * Format: date-time
             * @description When it is due. At once where absent or past.
             */
            sendAt?: string;
            to: string;
        };
        Session: {
            /** Format: date-time */
            connectedAt?: string;
            degraded?: {
                /** @enum {string} */
                reason: "unacked";
                /** Format: date-time */
                since: string;
            };
            engine?: {
                library: string;
                /** @description What this version uses and that page lacks. */
                missing: {
                    /** @description What cannot be done, or not in full, without it. */
                    concerns: string[];
                    /** @description A module of the page, and the way into it. */
                    name: string;
                }[];
                /** @description WhatsApp Web's own version. */
                page: string;
            };
            /** Format: date-time */
            lastAckAt?: string;
            lid?: string;
            memoryLimitMb?: number;
            memoryMb?: number;
            message: string;
            messageCount?: number;
            /** Format: date-time */
            nextAttemptAt?: string;
            pacing?: components["schemas"]["Pacing"];
            phone?: string;
            proxy?: string;
            pushName?: string;
            /** @enum {string} */
            reason: "unknown_session" | "waiting_for_worker" | "starting" | "restoring" | "loading" | "syncing" | "reconnecting" | "recycling" | "restarting" | "qr_available" | "pairing_code" | "connected" | "qr_expired" | "logged_out" | "auth_failure" | "whatsapp_unreachable" | "page_unsupported" | "account_blocked" | "proxy_blocked" | "proxy_unreachable" | "proxy_refused" | "profile_in_use" | "profile_not_owned" | "foreign_world" | "crash_loop" | "memory_limit" | "browser_missing" | "passkey_required" | "operator" | "idle" | "saved_login" | "unlinked" | "logging_out" | "logout_unconfirmed" | "deleting";
            restriction?: {
                /**
                 * @description What does not go out meanwhile.
                 * @enum {string}
                 */
                concerns: "new_chats" | "everything";
                /** @enum {string} */
                kind: "reach_out_time_lock" | "new_chat_cap" | "account_blocked" | "proxy_blocked";
                /** @description What it is, and what can be done. */
                meaning: string;
                /** Format: date-time */
                since: string;
                /**
                 * Format: date-time
                 * @description When it is looked whether it still holds. Absent where that may happen at any time.
                 */
                until?: string;
            };
            sessionId: string;
            /** @enum {string} */
            status: "not_found" | "initializing" | "waiting_qr" | "ready" | "failed" | "stopped";
            /** Format: date-time */
            updatedAt?: string;
            worker?: string;
        };
        SessionDetails: {
            /** Format: date-time */
            connectedAt?: string;
            connection?: string;
            degraded?: {
                /** @enum {string} */
                reason: "unacked";
                /** Format: date-time */
                since: string;
            };
            engine?: {
                library: string;
                /** @description What this version uses and that page lacks. */
                missing: {
                    /** @description What cannot be done, or not in full, without it. */
                    concerns: string[];
                    /** @description A module of the page, and the way into it. */
                    name: string;
                }[];
                /** @description WhatsApp Web's own version. */
                page: string;
            };
            history?: {
                /** Format: date-time */
                at: string;
                detail?: string;
                /** @enum {string} */
                event: "started" | "ready" | "recycled" | "restarted" | "handed_over" | "worker_died" | "memory_limit" | "degraded" | "recovered" | "unacked" | "browser_gone" | "page_crashed" | "page_unresponsive" | "load_timeout" | "ready_timeout" | "whatsapp_unreachable" | "page_unsupported" | "account_blocked" | "proxy_blocked" | "proxy_unreachable" | "proxy_refused" | "restricted" | "restriction_ended" | "conflict" | "unexpected" | "logged_out" | "failed" | "stopped";
                message: string;
            }[];
            /** Format: date-time */
            lastAckAt?: string;
            lid?: string;
            memoryLimitMb?: number;
            memoryMb?: number;
            message: string;
            messageCount?: number;
            /** Format: date-time */
            nextAttemptAt?: string;
            pacing?: components["schemas"]["Pacing"];
            phone?: string;
            proxy?: string;
            pushName?: string;
            queue?: {
                /** @enum {string} */
                heldBecause?: "daily_cap";
                /** Format: date-time */
                heldUntil?: string;
                oldestMs: number | null;
                paused: boolean;
                waiting: number;
            };
            /** @enum {string} */
            reason: "unknown_session" | "waiting_for_worker" | "starting" | "restoring" | "loading" | "syncing" | "reconnecting" | "recycling" | "restarting" | "qr_available" | "pairing_code" | "connected" | "qr_expired" | "logged_out" | "auth_failure" | "whatsapp_unreachable" | "page_unsupported" | "account_blocked" | "proxy_blocked" | "proxy_unreachable" | "proxy_refused" | "profile_in_use" | "profile_not_owned" | "foreign_world" | "crash_loop" | "memory_limit" | "browser_missing" | "passkey_required" | "operator" | "idle" | "saved_login" | "unlinked" | "logging_out" | "logout_unconfirmed" | "deleting";
            restriction?: {
                /**
                 * @description What does not go out meanwhile.
                 * @enum {string}
                 */
                concerns: "new_chats" | "everything";
                /** @enum {string} */
                kind: "reach_out_time_lock" | "new_chat_cap" | "account_blocked" | "proxy_blocked";
                /** @description What it is, and what can be done. */
                meaning: string;
                /** Format: date-time */
                since: string;
                /**
                 * Format: date-time
                 * @description When it is looked whether it still holds. Absent where that may happen at any time.
                 */
                until?: string;
            };
            sessionId: string;
            /** @enum {boolean} */
            stale?: true;
            /** @enum {string} */
            status: "not_found" | "initializing" | "waiting_qr" | "ready" | "failed" | "stopped";
            /** Format: date-time */
            updatedAt?: string;
            worker?: string;
        };
        /** @description WhatsApp shows a new code to be scanned. */
        SessionQrEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /**
                 * Format: date-time
                 * @description Until when it can be scanned; another one follows.
                 */
                expiresAt: string;
                /** @description The text of the QR code. */
                qr: string;
            };
            /** @enum {string} */
            event: "session.qr";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        /** @description WhatsApp keeps the account from something, keeps it from that for longer, or does so no more. */
        SessionRestrictionEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /**
                 * @description What does not go out meanwhile.
                 * @enum {string}
                 */
                concerns?: "new_chats" | "everything";
                /** @description Whether it has ended. What follows is there while it holds. */
                isOver: boolean;
                /** @enum {string} */
                kind: "reach_out_time_lock" | "new_chat_cap" | "account_blocked" | "proxy_blocked";
                /** @description What it is, and what can be done. */
                meaning?: string;
                /** Format: date-time */
                since?: string;
                /**
                 * Format: date-time
                 * @description When it is looked whether it still holds. Absent where that may happen at any time.
                 */
                until?: string;
            };
            /** @enum {string} */
            event: "session.restriction";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        SessionState: {
            message: string;
            /** @enum {string} */
            reason: "unknown_session" | "waiting_for_worker" | "starting" | "restoring" | "loading" | "syncing" | "reconnecting" | "recycling" | "restarting" | "qr_available" | "pairing_code" | "connected" | "qr_expired" | "logged_out" | "auth_failure" | "whatsapp_unreachable" | "page_unsupported" | "account_blocked" | "proxy_blocked" | "proxy_unreachable" | "proxy_refused" | "profile_in_use" | "profile_not_owned" | "foreign_world" | "crash_loop" | "memory_limit" | "browser_missing" | "passkey_required" | "operator" | "idle" | "saved_login" | "unlinked" | "logging_out" | "logout_unconfirmed" | "deleting";
            sessionId: string;
            /** @enum {string} */
            status: "not_found" | "initializing" | "waiting_qr" | "ready" | "failed" | "stopped";
        };
        /** @description The state of the session, or the reason for it, has changed. */
        SessionStatusEvent: {
            /** @description The account that was logged in. */
            account: components["schemas"]["Person"];
            /**
             * @description It happened while nobody listened, and was found out later.
             * @enum {boolean}
             */
            catchUp?: true;
            data: {
                /** @enum {string} */
                reason: "unknown_session" | "waiting_for_worker" | "starting" | "restoring" | "loading" | "syncing" | "reconnecting" | "recycling" | "restarting" | "qr_available" | "pairing_code" | "connected" | "qr_expired" | "logged_out" | "auth_failure" | "whatsapp_unreachable" | "page_unsupported" | "account_blocked" | "proxy_blocked" | "proxy_unreachable" | "proxy_refused" | "profile_in_use" | "profile_not_owned" | "foreign_world" | "crash_loop" | "memory_limit" | "browser_missing" | "passkey_required" | "operator" | "idle" | "saved_login" | "unlinked" | "logging_out" | "logout_unconfirmed" | "deleting";
                /** @enum {string} */
                status: "not_found" | "initializing" | "waiting_qr" | "ready" | "failed" | "stopped";
            };
            /** @enum {string} */
            event: "session.status";
            /** @description Of the occurrence: the same however often and to whomever it is delivered. */
            id: string;
            /** @description Grows with each event of the session. */
            sequence: number;
            sessionId: string;
            /**
             * Format: date-time
             * @description When it was heard.
             */
            timestamp: string;
        };
        StickerContent: {
            /** @description Who made the pack. */
            author?: string;
            media: components["schemas"]["Media"];
            /** @description What its pack is called, where somebody keeps it. */
            name?: string;
            /** @enum {string} */
            type: "sticker";
        };
        TextContent: {
            /**
             * @description Whether a preview of the first link may be shown.
             * @default true
             */
            linkPreview?: boolean;
            /** @description The people whom the text names with `@`; in a group also `all`. */
            mentions?: string[] | "all";
            /** @description At most 65536 characters, counted in UTF-16 units. */
            text: string;
            /** @enum {string} */
            type: "text";
        };
        VideoContent: {
            /** @description The text below it. */
            caption?: string;
            /** @description The name under which it arrives, without folders; its ending is derived where it has none. */
            filename?: string;
            /**
             * @description Whether it plays by itself, again and again, without sound.
             * @default false
             */
            gif?: boolean;
            media: components["schemas"]["Media"];
            /** @description The people whom the caption names with `@`; in a group also `all`. */
            mentions?: string[] | "all";
            /** @enum {string} */
            type: "video";
            /**
             * @description Whether it can be looked at only once.
             * @default false
             */
            viewOnce?: boolean;
        };
        VoiceContent: {
            media: components["schemas"]["Media"];
            /** @enum {string} */
            type: "voice";
            /**
             * @description Whether it can be looked at only once.
             * @default false
             */
            viewOnce?: boolean;
        };
        Webhook: {
            chats: string[];
            /** Format: date-time */
            createdAt: string;
            deliveries: {
                /** @description Failed for a day, and not tried again by itself. */
                dead: number;
                /** @description Never tried, or not any more, because their events were not kept for so long. */
                dropped: number;
                /** @description How far behind it is; 0 where nothing is due. */
                oldestPendingAgeMs: number;
                /** @description Due now. */
                pending: number;
                /** @description Failed for more than five minutes, and to be tried again. */
                retrying: number;
            };
            enabled: boolean;
            /** @description It was disabled, because its receiver answered 410. */
            ended?: {
                /** Format: date-time */
                at: string;
                /** @enum {string} */
                reason: "gone";
            };
            events: ("message" | "message.any" | "message.ack" | "message.status" | "message.reaction" | "message.edited" | "message.revoked" | "message.undecryptable" | "poll.vote" | "group.join" | "group.leave" | "group.participants" | "group.update" | "group.request" | "chat.archived" | "chat.removed" | "chat.unread" | "contact.changed" | "presence" | "call.received" | "session.status" | "session.qr" | "session.restriction" | "*")[];
            /** @description Names only. */
            headers: string[];
            hubSignature: boolean;
            name: string;
            /** @description Null where it gets the events of all sessions. */
            sessionId: string | null;
            /** Format: date-time */
            updatedAt: string;
            url: string;
        };
        WebhookRequest: {
            /** @description Only what concerns these chats; events that concern no chat come all the same. */
            chats?: string[];
            /**
             * @description Without it nothing is kept for the webhook.
             * @default true
             */
            enabled?: boolean;
            /**
             * @description Which events; `*` for all.
             * @default [
             *       "*"
             *     ]
             */
            events?: ("message" | "message.any" | "message.ack" | "message.status" | "message.reaction" | "message.edited" | "message.revoked" | "message.undecryptable" | "poll.vote" | "group.join" | "group.leave" | "group.participants" | "group.update" | "group.request" | "chat.archived" | "chat.removed" | "chat.unread" | "contact.changed" | "presence" | "call.received" | "session.status" | "session.qr" | "session.restriction" | "*")[];
            /** @description Further headers of each request. Their values are not shown again. */
            headers?: {
                [key: string]: string;
            };
            /**
             * @description Whether bodies are signed as `X-Hub-Signature-256` says as well: the hexadecimal HMAC of the body, under the secret as it is written.
             * @default false
             */
            hubSignature?: boolean;
            /** @description What the bodies are signed with, as Standard Webhooks say. Without one the webhook keeps what it has, and a new one gets one made for it. For a day after a change both sign. */
            secret?: string;
            /**
             * Format: uri
             * @description Where events are posted to.
             */
            url: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
};
export type AudioContent = components['schemas']['AudioContent'];
export type Batch = components['schemas']['Batch'];
export type BulkLine = components['schemas']['BulkLine'];
export type CallReceivedEvent = components['schemas']['CallReceivedEvent'];
export type Channel = components['schemas']['Channel'];
export type Chat = components['schemas']['Chat'];
export type ChatArchivedEvent = components['schemas']['ChatArchivedEvent'];
export type ChatRemovedEvent = components['schemas']['ChatRemovedEvent'];
export type ChatUnreadEvent = components['schemas']['ChatUnreadEvent'];
export type Contact = components['schemas']['Contact'];
export type ContactChangedEvent = components['schemas']['ContactChangedEvent'];
export type ContactContent = components['schemas']['ContactContent'];
export type ContactDetails = components['schemas']['ContactDetails'];
export type DocumentContent = components['schemas']['DocumentContent'];
export type Event = components['schemas']['Event'];
export type EventContent = components['schemas']['EventContent'];
export type ForwardContent = components['schemas']['ForwardContent'];
export type Group = components['schemas']['Group'];
export type GroupDetails = components['schemas']['GroupDetails'];
export type GroupJoinEvent = components['schemas']['GroupJoinEvent'];
export type GroupLeaveEvent = components['schemas']['GroupLeaveEvent'];
export type GroupParticipantsEvent = components['schemas']['GroupParticipantsEvent'];
export type GroupRequestEvent = components['schemas']['GroupRequestEvent'];
export type GroupUpdateEvent = components['schemas']['GroupUpdateEvent'];
export type ImageContent = components['schemas']['ImageContent'];
export type Label = components['schemas']['Label'];
export type LocationContent = components['schemas']['LocationContent'];
export type Media = components['schemas']['Media'];
export type Member = components['schemas']['Member'];
export type Message = components['schemas']['Message'];
export type MessageAckEvent = components['schemas']['MessageAckEvent'];
export type MessageAnyEvent = components['schemas']['MessageAnyEvent'];
export type MessageContent = components['schemas']['MessageContent'];
export type MessageEditedEvent = components['schemas']['MessageEditedEvent'];
export type MessageEvent = components['schemas']['MessageEvent'];
export type MessageReactionEvent = components['schemas']['MessageReactionEvent'];
export type MessageRecord = components['schemas']['MessageRecord'];
export type MessageRevokedEvent = components['schemas']['MessageRevokedEvent'];
export type MessageStatusEvent = components['schemas']['MessageStatusEvent'];
export type MessageUndecryptableEvent = components['schemas']['MessageUndecryptableEvent'];
export type Pacing = components['schemas']['Pacing'];
export type PacingChanges = components['schemas']['PacingChanges'];
export type Person = components['schemas']['Person'];
export type PersonIds = components['schemas']['PersonIds'];
export type PollContent = components['schemas']['PollContent'];
export type PollVoteEvent = components['schemas']['PollVoteEvent'];
export type PresenceEvent = components['schemas']['PresenceEvent'];
export type Problem = components['schemas']['Problem'];
export type Profile = components['schemas']['Profile'];
export type Queue = components['schemas']['Queue'];
export type ResultsByPerson = components['schemas']['ResultsByPerson'];
export type SendAnswer = components['schemas']['SendAnswer'];
export type SendRequest = components['schemas']['SendRequest'];
export type Session = components['schemas']['Session'];
export type SessionDetails = components['schemas']['SessionDetails'];
export type SessionQrEvent = components['schemas']['SessionQrEvent'];
export type SessionRestrictionEvent = components['schemas']['SessionRestrictionEvent'];
export type SessionState = components['schemas']['SessionState'];
export type SessionStatusEvent = components['schemas']['SessionStatusEvent'];
export type StickerContent = components['schemas']['StickerContent'];
export type TextContent = components['schemas']['TextContent'];
export type VideoContent = components['schemas']['VideoContent'];
export type VoiceContent = components['schemas']['VoiceContent'];
export type Webhook = components['schemas']['Webhook'];
export type WebhookRequest = components['schemas']['WebhookRequest'];
export type $defs = Record<string, never>;
export interface operations {
    "audit.list": {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
                /** @description Part of a token's name, of a request, of what its address names, or of its id. */
                search?: string;
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: {
                            /** Format: date-time */
                            at: string;
                            /** @description Name of the token. */
                            by: string;
                            /** @description What its address names. */
                            named: {
                                [key: string]: unknown;
                            };
                            /** @description `PUT /webhooks/:name` */
                            request: string;
                            requestId: string;
                            sessionId?: string;
                            status: number;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    "batch.get": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                id: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Batch"];
                };
            };
        };
    };
    "batch.cancel": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                id: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        accepted: number;
                        batchId: string;
                        /** Format: date-time */
                        canceledAt?: string;
                        /** @description How many messages this request canceled. */
                        canceledNow: number;
                        counts: {
                            canceled: number;
                            delivered: number;
                            expired: number;
                            failed: number;
                            played: number;
                            queued: number;
                            read: number;
                            sending: number;
                            sent: number;
                            unknown: number;
                        };
                        /** Format: date-time */
                        createdAt: string;
                        done: boolean;
                        /** Format: date-time */
                        finishedAt?: string;
                        refused: number;
                        sessionId: string;
                        total: number;
                        /** @enum {string} */
                        upload: "receiving" | "complete" | "interrupted";
                    };
                };
            };
        };
    };
    "blocked.list": {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: components["schemas"]["PersonIds"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    "call.reject": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                callId: string;
            };
        };
        responses: {
            /** @description call_not_found: No call of this id rings at the account now. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        callId: string;
                    };
                };
            };
        };
    };
    "call.link": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "type": "video",
                 *       "startsAt": "2026-12-24T18:00:00Z"
                 *     }
                 */
                "application/json": {
                    /**
                     * Format: date-time
                     * @description Absent, now.
                     */
                    startsAt?: string;
                    /** @enum {string} */
                    type: "video" | "voice";
                };
            };
        };
        responses: {
            /** @description whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** Format: uri */
                        link: string;
                    };
                };
            };
        };
    };
    "channel.list": {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: components["schemas"]["Channel"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    "channel.create": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "News",
                 *       "description": "Once a week"
                 *     }
                 */
                "application/json": {
                    description?: string;
                    name: string;
                };
            };
        };
        responses: {
            /** @description whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description not_supported: WhatsApp Web cannot do this.
             *     not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again.
             */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
        };
    };
    "channel.get": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                channelId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
        };
    };
    "channel.delete": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                channelId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             *     not_channel_admin: Only its admins write in a channel, and the account is none of them.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        id: string;
                    };
                };
            };
        };
    };
    "channel.update": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                channelId: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "description": "Once a week",
                 *       "reactions": "basic"
                 *     }
                 */
                "application/json": {
                    description?: string;
                    name?: string;
                    /** @enum {string} */
                    reactions?: "all" | "basic" | "none";
                };
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             *     not_channel_admin: Only its admins write in a channel, and the account is none of them.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
        };
    };
    "channel.invite-admin": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                channelId: string;
                contactId: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "text": "Will you help me?"
                 *     }
                 */
                "application/json": {
                    text?: string;
                };
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             *     not_channel_admin: Only its admins write in a channel, and the account is none of them.
             *     contact_not_found: WhatsApp Web knows nobody of this number or hidden identity.
             *     too_many_number_checks: WhatsApp was asked for many numbers a moment ago, and bans accounts that ask for too many. Check fewer at a time.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["PersonIds"];
                };
            };
        };
    };
    "channel.revoke-admin-invite": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                channelId: string;
                contactId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             *     not_channel_admin: Only its admins write in a channel, and the account is none of them.
             *     contact_not_found: WhatsApp Web knows nobody of this number or hidden identity.
             *     too_many_number_checks: WhatsApp was asked for many numbers a moment ago, and bans accounts that ask for too many. Check fewer at a time.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["PersonIds"];
                };
            };
        };
    };
    "channel.accept-admin-invite": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                channelId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
        };
    };
    "channel.dismiss-admin": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                channelId: string;
                contactId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             *     not_channel_admin: Only its admins write in a channel, and the account is none of them.
             *     contact_not_found: WhatsApp Web knows nobody of this number or hidden identity.
             *     too_many_number_checks: WhatsApp was asked for many numbers a moment ago, and bans accounts that ask for too many. Check fewer at a time.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["PersonIds"];
                };
            };
        };
    };
    "channel.messages": {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                channelId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: components["schemas"]["Message"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    "channel.mute": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                channelId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
        };
    };
    "channel.unmute": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                channelId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
        };
    };
    "channel.set-picture": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                channelId: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "media": {
                 *         "url": "https://example.org/logo.png"
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @description A JPEG, PNG or WebP picture; its middle is taken where it is not square. */
                    media: components["schemas"]["Media"];
                };
                /**
                 * @example {
                 *       "media": {
                 *         "url": "https://example.org/logo.png"
                 *       }
                 *     }
                 */
                "multipart/form-data": {
                    /** @description A JPEG, PNG or WebP picture; its middle is taken where it is not square. */
                    media: components["schemas"]["Media"];
                };
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             *     not_channel_admin: Only its admins write in a channel, and the account is none of them.
             *     unsupported_media_type: Send the body as application/json.
             *     media_not_found: There is no such file: it was never uploaded, or it is not kept any more. Upload it again.
             *     media_not_fetched: The file could not be fetched from its address.
             *     payload_too_large: The request body is too large.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description media_store_full: The store of files is full. It has room again when files are deleted that nobody needs any more; its operator sets MEDIA_QUOTA_MB and MEDIA_RETENTION_HOURS.
             *     not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again.
             */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
        };
    };
    "channel.delete-picture": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                channelId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             *     not_channel_admin: Only its admins write in a channel, and the account is none of them.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
        };
    };
    "channel.subscribers": {
        parameters: {
            query?: {
                limit?: number;
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                channelId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             *     not_channel_admin: Only its admins write in a channel, and the account is none of them.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: {
                            /** @description As WhatsApp has it. */
                            id: string;
                            /** @description The hidden identity, where it is known. */
                            lid?: string;
                            name: string | null;
                            /** @description Digits of the number, where it is known. */
                            phone?: string;
                            /** @enum {string} */
                            role: "owner" | "admin" | "subscriber" | "guest";
                        }[];
                    };
                };
            };
        };
    };
    "channel.subscribe": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                channelId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
        };
    };
    "channel.unsubscribe": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                channelId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
        };
    };
    "channel.by-invite": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                code: string;
            };
        };
        responses: {
            /**
             * @description invite_not_valid: No group has this invite code: it was revoked, or is misspelled.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
        };
    };
    "channel.search": {
        parameters: {
            query?: {
                /** @description Only those of a country. */
                country?: string;
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                q?: string;
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /**
             * @description whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: components["schemas"]["Channel"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    "chat.list": {
        parameters: {
            query?: {
                archived?: "true" | "false";
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description Chats with people alone, or groups alone. */
                kind?: "person" | "group";
                limit?: number;
                muted?: "true" | "false";
                /** @description A part of the name, in capitals or not. */
                name?: string;
                pinned?: "true" | "false";
                /** @description With something unread or a mark that says so, or without. */
                unread?: "true" | "false";
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: components["schemas"]["Chat"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    "chat.get": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Chat"];
                };
            };
        };
    };
    "chat.delete": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        responses: {
            /** @description chat_not_found: There is no such chat in this session. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        id: string;
                    };
                };
            };
        };
    };
    "chat.archive": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        responses: {
            /** @description chat_not_found: There is no such chat in this session. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Chat"];
                };
            };
        };
    };
    "chat.unarchive": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        responses: {
            /** @description chat_not_found: There is no such chat in this session. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Chat"];
                };
            };
        };
    };
    "chat.labels": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "labels": [
                 *         "1"
                 *       ]
                 *     }
                 */
                "application/json": {
                    labels: string[];
                };
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     label_not_found: The account has no such label.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description not_supported: WhatsApp Web cannot do this.
             *     not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again.
             */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        id: string;
                        labels: components["schemas"]["Label"][];
                    };
                };
            };
        };
    };
    "chat.history": {
        parameters: {
            query?: {
                /** @description Only what was written before that. */
                before?: string;
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description What the account wrote, or what others did. */
                fromMe?: "true" | "false";
                limit?: number;
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: components["schemas"]["Message"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    "chat.clear": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        responses: {
            /** @description chat_not_found: There is no such chat in this session. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Chat"];
                };
            };
        };
    };
    "chat.mute": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "until": "2099-01-01T08:00:00Z"
                 *     }
                 */
                "application/json": {
                    /**
                     * Format: date-time
                     * @description Absent, for good.
                     */
                    until?: string;
                };
            };
        };
        responses: {
            /** @description chat_not_found: There is no such chat in this session. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Chat"];
                };
            };
        };
    };
    "chat.unmute": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        responses: {
            /** @description chat_not_found: There is no such chat in this session. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Chat"];
                };
            };
        };
    };
    "chat.pin": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     too_many_pinned: WhatsApp pins three chats. Unpin one of them first.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Chat"];
                };
            };
        };
    };
    "chat.unpin": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        responses: {
            /** @description chat_not_found: There is no such chat in this session. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Chat"];
                };
            };
        };
    };
    "chat.pinned-messages": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: components["schemas"]["Message"][];
                    };
                };
            };
        };
    };
    "chat.seen": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        responses: {
            /** @description chat_not_found: There is no such chat in this session. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Chat"];
                };
            };
        };
    };
    "chat.typing": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "state": "typing"
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    state: "typing" | "recording" | "paused";
                };
            };
        };
        responses: {
            /** @description chat_not_found: There is no such chat in this session. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        id: string;
                        /** @enum {string} */
                        state: "typing" | "recording" | "paused";
                    };
                };
            };
        };
    };
    "chat.mark-unread": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        responses: {
            /** @description chat_not_found: There is no such chat in this session. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Chat"];
                };
            };
        };
    };
    "chat.unmark-unread": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                chatId: string;
            };
        };
        responses: {
            /** @description chat_not_found: There is no such chat in this session. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Chat"];
                };
            };
        };
    };
    "contact.list": {
        parameters: {
            query?: {
                blocked?: "true" | "false";
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
                /** @description A part of a name, in capitals or not. */
                name?: string;
                /** @description In the address book, or not. */
                saved?: "true" | "false";
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: components["schemas"]["Contact"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    "contact.get": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                contactId: string;
            };
        };
        responses: {
            /**
             * @description contact_not_found: WhatsApp Web knows nobody of this number or hidden identity.
             *     too_many_number_checks: WhatsApp was asked for many numbers a moment ago, and bans accounts that ask for too many. Check fewer at a time.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["ContactDetails"];
                };
            };
        };
    };
    "contact.save": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                contactId: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "firstName": "Maria",
                 *       "lastName": "Silva"
                 *     }
                 */
                "application/json": {
                    firstName: string;
                    lastName?: string;
                    /**
                     * @description Into the address book of the phone as well.
                     * @default false
                     */
                    syncToPhone?: boolean;
                };
            };
        };
        responses: {
            /**
             * @description contact_not_found: WhatsApp Web knows nobody of this number or hidden identity.
             *     too_many_number_checks: WhatsApp was asked for many numbers a moment ago, and bans accounts that ask for too many. Check fewer at a time.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Contact"];
                };
            };
        };
    };
    "contact.delete": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                contactId: string;
            };
        };
        responses: {
            /**
             * @description contact_not_found: WhatsApp Web knows nobody of this number or hidden identity.
             *     too_many_number_checks: WhatsApp was asked for many numbers a moment ago, and bans accounts that ask for too many. Check fewer at a time.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Contact"];
                };
            };
        };
    };
    "contact.block": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                contactId: string;
            };
        };
        responses: {
            /**
             * @description contact_not_found: WhatsApp Web knows nobody of this number or hidden identity.
             *     too_many_number_checks: WhatsApp was asked for many numbers a moment ago, and bans accounts that ask for too many. Check fewer at a time.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Contact"];
                };
            };
        };
    };
    "contact.unblock": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                contactId: string;
            };
        };
        responses: {
            /**
             * @description contact_not_found: WhatsApp Web knows nobody of this number or hidden identity.
             *     too_many_number_checks: WhatsApp was asked for many numbers a moment ago, and bans accounts that ask for too many. Check fewer at a time.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Contact"];
                };
            };
        };
    };
    "event.stream": {
        parameters: {
            query?: {
                /** @description Phone numbers or chat ids, separated by commas. Events that concern no chat come all the same. */
                chats?: string;
                /** @description Names of events, separated by commas; all without it. */
                types?: string;
            };
            header?: {
                /** @description The `id` of the last event that was taken; what follows it is given first. */
                "last-event-id"?: string;
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    "group.list": {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: components["schemas"]["Group"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    "group.create": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "subject": "Team",
                 *       "participants": [
                 *         "5511999887766",
                 *         "4915112345678"
                 *       ]
                 *     }
                 */
                "application/json": {
                    participants?: string[];
                    subject: string;
                };
            };
        };
        responses: {
            /**
             * @description too_many_number_checks: WhatsApp was asked for many numbers a moment ago, and bans accounts that ask for too many. Check fewer at a time.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["ResultsByPerson"];
                };
            };
        };
    };
    "group.get": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                groupId: string;
            };
        };
        responses: {
            /**
             * @description not_in_group: The account is not in this group: it left, was removed, or never was in it.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["GroupDetails"];
                };
            };
        };
    };
    "group.update": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                groupId: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "subject": "Team",
                 *       "onlyAdminsSend": true
                 *     }
                 */
                "application/json": {
                    description?: string;
                    onlyAdminsAdd?: boolean;
                    onlyAdminsEdit?: boolean;
                    onlyAdminsSend?: boolean;
                    subject?: string;
                };
            };
        };
        responses: {
            /**
             * @description not_in_group: The account is not in this group: it left, was removed, or never was in it.
             *     not_group_admin: Only admins of the group may do this, and the account is none of them.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["GroupDetails"];
                };
            };
        };
    };
    "group.send-invitation": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                groupId: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "person": "4915112345678",
                 *       "code": "Yc2Vd9AbQ0zK1Lm3",
                 *       "expiresAt": "2026-12-02T08:30:00Z",
                 *       "text": "Join us"
                 *     }
                 */
                "application/json": {
                    /** @description `invite.code` of the result of adding them. */
                    code: string;
                    /**
                     * Format: date-time
                     * @description `invite.expiresAt` of it.
                     */
                    expiresAt: string;
                    person: string;
                    /** @default  */
                    text?: string;
                };
            };
        };
        responses: {
            /**
             * @description not_in_group: The account is not in this group: it left, was removed, or never was in it.
             *     recipient_not_on_whatsapp: The recipient is not on WhatsApp.
             *     too_many_number_checks: WhatsApp was asked for many numbers a moment ago, and bans accounts that ask for too many. Check fewer at a time.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        groupId: string;
                        person: string;
                    };
                };
            };
        };
    };
    "group.invite": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                groupId: string;
            };
        };
        responses: {
            /**
             * @description not_in_group: The account is not in this group: it left, was removed, or never was in it.
             *     not_group_admin: Only admins of the group may do this, and the account is none of them.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        code: string;
                        /** Format: uri */
                        link: string;
                    };
                };
            };
        };
    };
    "group.revoke-invite": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                groupId: string;
            };
        };
        responses: {
            /**
             * @description not_in_group: The account is not in this group: it left, was removed, or never was in it.
             *     not_group_admin: Only admins of the group may do this, and the account is none of them.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        code: string;
                        /** Format: uri */
                        link: string;
                    };
                };
            };
        };
    };
    "group.leave": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                groupId: string;
            };
        };
        responses: {
            /**
             * @description not_in_group: The account is not in this group: it left, was removed, or never was in it.
             *     not_group_admin: Only admins of the group may do this, and the account is none of them.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        groupId: string;
                    };
                };
            };
        };
    };
    "group.members": {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
                role?: "member" | "admin" | "superadmin";
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                groupId: string;
            };
        };
        responses: {
            /**
             * @description not_in_group: The account is not in this group: it left, was removed, or never was in it.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: {
                            /** @description As WhatsApp has it. */
                            id: string;
                            /** @description The hidden identity, where it is known. */
                            lid?: string;
                            /** @description Digits of the number, where it is known. */
                            phone?: string;
                            /** @enum {string} */
                            role: "member" | "admin" | "superadmin";
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    "group.participants": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                groupId: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "add": [
                 *         "5511999887766",
                 *         "4915112345678"
                 *       ]
                 *     }
                 */
                "application/json": {
                    add?: string[];
                    demote?: string[];
                    promote?: string[];
                    remove?: string[];
                };
            };
        };
        responses: {
            /**
             * @description not_in_group: The account is not in this group: it left, was removed, or never was in it.
             *     not_group_admin: Only admins of the group may do this, and the account is none of them.
             *     too_many_number_checks: WhatsApp was asked for many numbers a moment ago, and bans accounts that ask for too many. Check fewer at a time.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["ResultsByPerson"];
                };
            };
        };
    };
    "group.picture": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                groupId: string;
            };
        };
        responses: {
            /**
             * @description not_in_group: The account is not in this group: it left, was removed, or never was in it.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        groupId: string;
                        /** @description Its address at WhatsApp, for some days; null where there is none. */
                        picture: string | null;
                    };
                };
            };
        };
    };
    "group.set-picture": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                groupId: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "media": {
                 *         "url": "https://example.org/logo.png"
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @description A JPEG, PNG or WebP picture; its middle is taken where it is not square. */
                    media: components["schemas"]["Media"];
                };
                /**
                 * @example {
                 *       "media": {
                 *         "url": "https://example.org/logo.png"
                 *       }
                 *     }
                 */
                "multipart/form-data": {
                    /** @description A JPEG, PNG or WebP picture; its middle is taken where it is not square. */
                    media: components["schemas"]["Media"];
                };
            };
        };
        responses: {
            /**
             * @description not_in_group: The account is not in this group: it left, was removed, or never was in it.
             *     not_group_admin: Only admins of the group may do this, and the account is none of them.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             *     unsupported_media_type: Send the body as application/json.
             *     media_not_found: There is no such file: it was never uploaded, or it is not kept any more. Upload it again.
             *     media_not_fetched: The file could not be fetched from its address.
             *     payload_too_large: The request body is too large.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description media_store_full: The store of files is full. It has room again when files are deleted that nobody needs any more; its operator sets MEDIA_QUOTA_MB and MEDIA_RETENTION_HOURS.
             *     not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again.
             */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        groupId: string;
                        /** @description Its address at WhatsApp, for some days; null where there is none. */
                        picture: string | null;
                    };
                };
            };
        };
    };
    "group.delete-picture": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                groupId: string;
            };
        };
        responses: {
            /**
             * @description not_in_group: The account is not in this group: it left, was removed, or never was in it.
             *     not_group_admin: Only admins of the group may do this, and the account is none of them.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        groupId: string;
                        /** @description Its address at WhatsApp, for some days; null where there is none. */
                        picture: string | null;
                    };
                };
            };
        };
    };
    "group.requests": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                groupId: string;
            };
        };
        responses: {
            /**
             * @description not_in_group: The account is not in this group: it left, was removed, or never was in it.
             *     not_group_admin: Only admins of the group may do this, and the account is none of them.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: {
                            /** @description As WhatsApp has it. */
                            id: string;
                            /** @description The hidden identity, where it is known. */
                            lid?: string;
                            /** @description Digits of the number, where it is known. */
                            phone?: string;
                            requestedAt: string | null;
                        }[];
                    };
                };
            };
        };
    };
    "group.decide": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                groupId: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "approve": [
                 *         "5511999887766"
                 *       ]
                 *     }
                 */
                "application/json": {
                    approve?: string[];
                    reject?: string[];
                };
            };
        };
        responses: {
            /**
             * @description not_in_group: The account is not in this group: it left, was removed, or never was in it.
             *     not_group_admin: Only admins of the group may do this, and the account is none of them.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["ResultsByPerson"];
                };
            };
        };
    };
    "group.invite-info": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                code: string;
            };
        };
        responses: {
            /**
             * @description invite_not_valid: No group has this invite code: it was revoked, or is misspelled.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        createdAt: string | null;
                        description: string | null;
                        /** @description As WhatsApp has it. */
                        id: string;
                        /** @description How many are in it. */
                        size: number;
                        subject: string;
                    };
                };
            };
        };
    };
    "group.join": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "code": "https://chat.whatsapp.com/DxXkJ9yFb1aGQ7LmN0pR2s"
                 *     }
                 */
                "application/json": {
                    code: string;
                };
            };
        };
        responses: {
            /**
             * @description invite_not_valid: No group has this invite code: it was revoked, or is misspelled.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        groupId: string;
                        /** @description False where an admin has to let the account in first. */
                        joined: boolean;
                    };
                };
            };
        };
    };
    "service.health": {
        parameters: {
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        redis: "ok";
                        sessions: {
                            failed: number;
                            initializing: number;
                            ready: number;
                            total: number;
                            waiting_qr: number;
                        };
                        /** @enum {string} */
                        status: "ok";
                        uptime: number;
                        workers: {
                            idle: number;
                            total: number;
                        };
                    };
                };
            };
        };
    };
    "label.list": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_supported: WhatsApp Web cannot do this. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: components["schemas"]["Label"][];
                    };
                };
            };
        };
    };
    "lid.get": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                contactId: string;
            };
        };
        responses: {
            /**
             * @description contact_not_found: WhatsApp Web knows nobody of this number or hidden identity.
             *     too_many_number_checks: WhatsApp was asked for many numbers a moment ago, and bans accounts that ask for too many. Check fewer at a time.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["PersonIds"];
                };
            };
        };
    };
    "service.livez": {
        parameters: {
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ok";
                    };
                };
            };
        };
    };
    "media.upload": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        /** @description The bytes. The same bytes have the same id. */
        requestBody: {
            content: {
                "application/octet-stream": unknown;
                "multipart/form-data": unknown;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is stored. */
            201: {
                content: {
                    "application/json": {
                        /** @description What `media.upload` of a message names. */
                        id: string;
                        /** @description Told from the bytes. */
                        mimetype: string;
                        /** @description Of the bytes, in hex. */
                        sha256: string;
                        /** @description Bytes. */
                        size: number;
                    };
                };
            };
        };
    };
    "media.get": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                id: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The bytes. */
            200: {
                content: {
                    "application/octet-stream": string;
                };
            };
        };
    };
    "message.list": {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
                /** @description Your own word, given with the message. With it the messages accepted last come first. */
                reference?: string;
                /** @description Only what changed its state then or later. */
                since?: string;
                status?: "queued" | "sending" | "sent" | "delivered" | "read" | "played" | "failed" | "canceled" | "expired" | "unknown";
                /** @description Only what changed its state then or before. */
                until?: string;
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A message that changes its state between two pages moves to the front. */
            200: {
                content: {
                    "application/json": {
                        items: components["schemas"]["MessageRecord"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    "message.get": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                id: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["MessageRecord"];
                };
            };
        };
    };
    "message.cancel": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                id: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is not going to be sent. */
            200: {
                content: {
                    "application/json": components["schemas"]["MessageRecord"];
                };
            };
        };
    };
    "message.edit": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "text": "See you at eight"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Whether a preview of the first link may be shown.
                     * @default true
                     */
                    linkPreview?: boolean;
                    /** @description The people whom the text names with `@`. */
                    mentions?: string[];
                    text: string;
                };
            };
        };
        responses: {
            /**
             * @description message_not_found: There is no such message in this session.
             *     message_not_sent: WhatsApp does not have this message, so nothing can be done with it.
             *     message_not_own: Somebody else wrote this message; this can be done only with what the account wrote.
             *     message_too_old: WhatsApp does not let this be done so late any more.
             *     message_not_editable: Only a text, or the caption of a file, can be edited.
             *     message_revoked: The message was deleted for everyone.
             *     mention_not_on_whatsapp: A person whom the text mentions is not on WhatsApp.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description As WhatsApp has it. */
                        chatId: string;
                        /** @description WhatsApp's id of the message; of one that was sent through us it is ours as well. */
                        id: string;
                        /** @description WhatsApp's full id. */
                        messageId: string;
                        text: string;
                    };
                };
            };
        };
    };
    "message.accept-invitation": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        responses: {
            /**
             * @description message_not_found: There is no such message in this session.
             *     message_not_sent: WhatsApp does not have this message, so nothing can be done with it.
             *     message_not_allowed: WhatsApp does not let this be done with a message of this kind.
             *     invite_not_valid: No group has this invite code: it was revoked, or is misspelled.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description As WhatsApp has it. */
                        chatId: string;
                        groupId: string;
                        /** @description WhatsApp's id of the message; of one that was sent through us it is ours as well. */
                        id: string;
                        /** @description WhatsApp's full id. */
                        messageId: string;
                    };
                };
            };
        };
    };
    "message.edit-event": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Tasting",
                 *       "startsAt": "2027-05-01T15:00:00-03:00",
                 *       "location": "The shop",
                 *       "call": "video"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description That it is a call: WhatsApp makes a link by which all can join.
                     * @enum {string}
                     */
                    call?: "voice" | "video";
                    /** @default false */
                    canceled?: boolean;
                    description?: string;
                    /**
                     * Format: date-time
                     * @description When it is over.
                     */
                    endsAt?: string;
                    /** @description Where it is, in words. */
                    location?: string;
                    name: string;
                    /**
                     * Format: date-time
                     * @description When it begins, to the second.
                     */
                    startsAt: string;
                };
            };
        };
        responses: {
            /**
             * @description message_not_found: There is no such message in this session.
             *     message_not_sent: WhatsApp does not have this message, so nothing can be done with it.
             *     message_not_own: Somebody else wrote this message; this can be done only with what the account wrote.
             *     message_not_allowed: WhatsApp does not let this be done with a message of this kind.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description As WhatsApp has it. */
                        chatId: string;
                        /** @description WhatsApp's id of the message; of one that was sent through us it is ours as well. */
                        id: string;
                        /** @description WhatsApp's full id. */
                        messageId: string;
                    };
                };
            };
        };
    };
    "message.forward": {
        parameters: {
            query?: {
                /** @description What to wait for; the server's ack where absent. */
                wait?: "none" | "server" | "delivered";
            };
            header?: {
                /** @description The same key with the same body is the same message, for 24 hours. */
                "idempotency-key"?: string;
                /** @description `respond-async` is short for `?wait=none`. */
                prefer?: string;
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "to": "5511999887766",
                 *       "reference": "order-42"
                 *     }
                 */
                "application/json": {
                    /**
                     * Format: date-time
                     * @description Until when it may be sent; 24 hours after it is due where absent.
                     */
                    expiresAt?: string;
                    /**
                     * @description `urgent` overtakes the messages of other chats, never older ones of its own.
                     * @enum {string}
                     */
                    priority?: "normal" | "urgent";
                    /** @description Your own word for it, returned everywhere. */
                    reference?: string;
                    /**
                     * Format: date-time
                     * @description When it is due. At once where absent or past.
                     */
                    sendAt?: string;
                    to: string;
                };
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description WhatsApp has it. */
            200: {
                content: {
                    "application/json": components["schemas"]["SendAnswer"];
                };
            };
            /** @description It is accepted and safe; its address tells what becomes of it. */
            202: {
                content: {
                    "application/json": components["schemas"]["SendAnswer"];
                };
            };
        };
    };
    "message.media": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        responses: {
            /**
             * @description message_not_found: There is no such message in this session.
             *     message_without_media: This message has no file.
             *     media_gone: WhatsApp does not have the file of this message any more, and the phone did not give it again.
             *     payload_too_large: The request body is too large.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media_store_full: The store of files is full. It has room again when files are deleted that nobody needs any more; its operator sets MEDIA_QUOTA_MB and MEDIA_RETENTION_HOURS. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The bytes, under the name and type that the message gives them. */
            200: {
                content: {
                    "application/octet-stream": string;
                };
            };
        };
    };
    "message.pin": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seconds": 86400
                 *     }
                 */
                "application/json": {
                    /** @description For how long: 86400 (a day), 604800 (a week) or 2592000 (30 days). */
                    seconds: 86400 | 604800 | 2592000;
                };
            };
        };
        responses: {
            /**
             * @description message_not_found: There is no such message in this session.
             *     message_not_sent: WhatsApp does not have this message, so nothing can be done with it.
             *     message_revoked: The message was deleted for everyone.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description As WhatsApp has it. */
                        chatId: string;
                        /** @description WhatsApp's id of the message; of one that was sent through us it is ours as well. */
                        id: string;
                        /** @description WhatsApp's full id. */
                        messageId: string;
                        /** @enum {boolean} */
                        pinned: true;
                        /** Format: date-time */
                        until: string;
                    };
                };
            };
        };
    };
    "message.unpin": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        responses: {
            /**
             * @description message_not_found: There is no such message in this session.
             *     message_not_sent: WhatsApp does not have this message, so nothing can be done with it.
             *     message_revoked: The message was deleted for everyone.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description As WhatsApp has it. */
                        chatId: string;
                        /** @description WhatsApp's id of the message; of one that was sent through us it is ours as well. */
                        id: string;
                        /** @description WhatsApp's full id. */
                        messageId: string;
                        /** @enum {boolean} */
                        pinned: false;
                    };
                };
            };
        };
    };
    "message.react": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "emoji": "👍"
                 *     }
                 */
                "application/json": {
                    /** @description One emoji; empty takes the reaction back. */
                    emoji: string;
                };
            };
        };
        responses: {
            /**
             * @description message_not_found: There is no such message in this session.
             *     message_not_sent: WhatsApp does not have this message, so nothing can be done with it.
             *     message_revoked: The message was deleted for everyone.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description As WhatsApp has it. */
                        chatId: string;
                        emoji: string;
                        /** @description WhatsApp's id of the message; of one that was sent through us it is ours as well. */
                        id: string;
                        /** @description WhatsApp's full id. */
                        messageId: string;
                    };
                };
            };
        };
    };
    "message.reactions": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        responses: {
            /**
             * @description message_not_found: There is no such message in this session.
             *     message_not_sent: WhatsApp does not have this message, so nothing can be done with it.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description As WhatsApp has it. */
                        chatId: string;
                        /** @description WhatsApp's id of the message; of one that was sent through us it is ours as well. */
                        id: string;
                        items: {
                            emoji: string;
                            from: {
                                /** @description The hidden identity, where WhatsApp tells it. */
                                lid?: string;
                                /** @description Digits of the number, where WhatsApp tells it. */
                                phone?: string;
                            };
                            fromMe: boolean;
                            /** Format: date-time */
                            timestamp: string;
                        }[];
                        /** @description WhatsApp's full id. */
                        messageId: string;
                    };
                };
            };
        };
    };
    "message.receipts": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        responses: {
            /**
             * @description message_not_found: There is no such message in this session.
             *     message_not_sent: WhatsApp does not have this message, so nothing can be done with it.
             *     message_not_own: Somebody else wrote this message; this can be done only with what the account wrote.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description As WhatsApp has it. */
                        chatId: string;
                        /** @description WhatsApp's id of the message; of one that was sent through us it is ours as well. */
                        id: string;
                        items: {
                            deliveredAt: string | null;
                            /** @description The hidden identity, where WhatsApp tells it. */
                            lid?: string;
                            /** @description Digits of the number, where WhatsApp tells it. */
                            phone?: string;
                            /** @description Of a voice message. */
                            playedAt: string | null;
                            readAt: string | null;
                        }[];
                        /** @description WhatsApp's full id. */
                        messageId: string;
                        /** @description How many people have not got it, not read it, not listened to it. */
                        remaining: {
                            delivered: number;
                            played: number;
                            read: number;
                        };
                    };
                };
            };
        };
    };
    "message.respond": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "response": "going"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description `none` takes an answer back.
                     * @enum {string}
                     */
                    response: "going" | "not_going" | "maybe" | "none";
                };
            };
        };
        responses: {
            /**
             * @description message_not_found: There is no such message in this session.
             *     message_not_sent: WhatsApp does not have this message, so nothing can be done with it.
             *     message_not_allowed: WhatsApp does not let this be done with a message of this kind.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description As WhatsApp has it. */
                        chatId: string;
                        /** @description WhatsApp's id of the message; of one that was sent through us it is ours as well. */
                        id: string;
                        /** @description WhatsApp's full id. */
                        messageId: string;
                        /** @enum {string} */
                        response: "going" | "not_going" | "maybe" | "none";
                    };
                };
            };
        };
    };
    "message.revoke": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "forEveryone": true
                 *     }
                 */
                "application/json": {
                    /** @description False deletes it for the account alone. */
                    forEveryone: boolean;
                };
            };
        };
        responses: {
            /**
             * @description message_not_found: There is no such message in this session.
             *     message_not_sent: WhatsApp does not have this message, so nothing can be done with it.
             *     message_not_own: Somebody else wrote this message; this can be done only with what the account wrote.
             *     message_too_old: WhatsApp does not let this be done so late any more.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description As WhatsApp has it. */
                        chatId: string;
                        forEveryone: boolean;
                        /** @description WhatsApp's id of the message; of one that was sent through us it is ours as well. */
                        id: string;
                        /** @description WhatsApp's full id. */
                        messageId: string;
                    };
                };
            };
        };
    };
    "message.star": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        responses: {
            /**
             * @description message_not_found: There is no such message in this session.
             *     message_not_sent: WhatsApp does not have this message, so nothing can be done with it.
             *     message_not_allowed: WhatsApp does not let this be done with a message of this kind.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description As WhatsApp has it. */
                        chatId: string;
                        /** @description WhatsApp's id of the message; of one that was sent through us it is ours as well. */
                        id: string;
                        /** @description WhatsApp's full id. */
                        messageId: string;
                        starred: boolean;
                    };
                };
            };
        };
    };
    "message.unstar": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        responses: {
            /**
             * @description message_not_found: There is no such message in this session.
             *     message_not_sent: WhatsApp does not have this message, so nothing can be done with it.
             *     message_not_allowed: WhatsApp does not let this be done with a message of this kind.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description As WhatsApp has it. */
                        chatId: string;
                        /** @description WhatsApp's id of the message; of one that was sent through us it is ours as well. */
                        id: string;
                        /** @description WhatsApp's full id. */
                        messageId: string;
                        starred: boolean;
                    };
                };
            };
        };
    };
    "message.vote": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "options": [
                 *         "Tea"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description Each exactly as the poll has it. */
                    options: string[];
                };
            };
        };
        responses: {
            /**
             * @description message_not_found: There is no such message in this session.
             *     message_not_sent: WhatsApp does not have this message, so nothing can be done with it.
             *     message_revoked: The message was deleted for everyone.
             *     not_a_poll: This message is no poll.
             *     poll_options_invalid: The poll cannot be answered like that.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description As WhatsApp has it. */
                        chatId: string;
                        /** @description WhatsApp's id of the message; of one that was sent through us it is ours as well. */
                        id: string;
                        /** @description WhatsApp's full id. */
                        messageId: string;
                        options: string[];
                    };
                };
            };
        };
    };
    "message.votes": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                /** @description Of a message that was sent through us: our id. Of any other: WhatsApp's full id, the `messageId` of its event. */
                id: string;
            };
        };
        responses: {
            /**
             * @description message_not_found: There is no such message in this session.
             *     message_not_sent: WhatsApp does not have this message, so nothing can be done with it.
             *     message_revoked: The message was deleted for everyone.
             *     not_a_poll: This message is no poll.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description As WhatsApp has it. */
                        chatId: string;
                        /** @description WhatsApp's id of the message; of one that was sent through us it is ours as well. */
                        id: string;
                        items: {
                            from: {
                                /** @description The hidden identity, where WhatsApp tells it. */
                                lid?: string;
                                /** @description Digits of the number, where WhatsApp tells it. */
                                phone?: string;
                            };
                            fromMe: boolean;
                            options: string[];
                            /** Format: date-time */
                            timestamp: string;
                        }[];
                        /** @description WhatsApp's full id. */
                        messageId: string;
                        options: {
                            name: string;
                            votes: number;
                        }[];
                        question: string;
                    };
                };
            };
        };
    };
    "message.search": {
        parameters: {
            query: {
                /** @description A phone number or a chat id; all chats where absent. */
                chat?: string;
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
                q: string;
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /**
             * @description chat_not_found: There is no such chat in this session.
             *     too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: components["schemas"]["Message"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    "service.metrics": {
        parameters: {
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Prometheus' text format. */
            200: {
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    "number.check": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                phone: string;
            };
        };
        responses: {
            /** @description too_many_number_checks: WhatsApp was asked for many numbers a moment ago, and bans accounts that ask for too many. Check fewer at a time. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description The chat that it belongs to, as WhatsApp has it. */
                        chatId?: string;
                        exists: boolean;
                        /** @description The person's hidden identity, where it is known. */
                        lid?: string;
                        /** @description As it was asked for, in digits. */
                        phone: string;
                    };
                };
            };
        };
    };
    "service.openapi": {
        parameters: {
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An OpenAPI 3.1 document. */
            200: {
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
        };
    };
    "session.pairing-code": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "phoneNumber": "5511999887766"
                 *     }
                 */
                "application/json": {
                    phoneNumber: string;
                };
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        code: string | null;
                        expiresAt: string | null;
                        message: string;
                        /** @enum {string} */
                        reason: "unknown_session" | "waiting_for_worker" | "starting" | "restoring" | "loading" | "syncing" | "reconnecting" | "recycling" | "restarting" | "qr_available" | "pairing_code" | "connected" | "qr_expired" | "logged_out" | "auth_failure" | "whatsapp_unreachable" | "page_unsupported" | "account_blocked" | "proxy_blocked" | "proxy_unreachable" | "proxy_refused" | "profile_in_use" | "profile_not_owned" | "foreign_world" | "crash_loop" | "memory_limit" | "browser_missing" | "passkey_required" | "operator" | "idle" | "saved_login" | "unlinked" | "logging_out" | "logout_unconfirmed" | "deleting";
                        /** @description A code that was given before does not work any more: it was for another number, or about to end. */
                        replacesPrevious: boolean;
                        sessionId: string;
                        /** @enum {string} */
                        status: "not_found" | "initializing" | "waiting_qr" | "ready" | "failed" | "stopped";
                    };
                };
            };
        };
    };
    "presence.set": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "available": true
                 *     }
                 */
                "application/json": {
                    available: boolean;
                };
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        available: boolean;
                    };
                };
            };
        };
    };
    "profile.get": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description too_many_reads: More is asked of this session than it answers beside sending. Read less often, or hear of what changes by webhook or GET /events. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
        };
    };
    "profile.update": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "about": "Open from nine to six"
                 *     }
                 */
                "application/json": {
                    about?: string;
                    name?: string;
                };
            };
        };
        responses: {
            /** @description whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description not_supported: WhatsApp Web cannot do this.
             *     not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again.
             */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
        };
    };
    "profile.set-picture": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "media": {
                 *         "url": "https://example.org/logo.png"
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @description A JPEG, PNG or WebP picture; its middle is taken where it is not square. */
                    media: components["schemas"]["Media"];
                };
                /**
                 * @example {
                 *       "media": {
                 *         "url": "https://example.org/logo.png"
                 *       }
                 *     }
                 */
                "multipart/form-data": {
                    /** @description A JPEG, PNG or WebP picture; its middle is taken where it is not square. */
                    media: components["schemas"]["Media"];
                };
            };
        };
        responses: {
            /**
             * @description unsupported_media_type: Send the body as application/json.
             *     media_not_found: There is no such file: it was never uploaded, or it is not kept any more. Upload it again.
             *     media_not_fetched: The file could not be fetched from its address.
             *     payload_too_large: The request body is too large.
             *     whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail.
             */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description media_store_full: The store of files is full. It has room again when files are deleted that nobody needs any more; its operator sets MEDIA_QUOTA_MB and MEDIA_RETENTION_HOURS.
             *     not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again.
             */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
        };
    };
    "profile.delete-picture": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description whatsapp_refused: WhatsApp refused to do this. Its own number for the reason is in the detail. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_confirmed: It is not known whether this was done, as WhatsApp did not confirm it in time. Look before you ask again. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
        };
    };
    "session.qr": {
        parameters: {
            query?: {
                /** @description How many seconds to wait for a code. */
                wait?: number;
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        code: string | null;
                        expiresAt: string | null;
                        message: string;
                        qr: string | null;
                        /** @enum {string} */
                        reason: "unknown_session" | "waiting_for_worker" | "starting" | "restoring" | "loading" | "syncing" | "reconnecting" | "recycling" | "restarting" | "qr_available" | "pairing_code" | "connected" | "qr_expired" | "logged_out" | "auth_failure" | "whatsapp_unreachable" | "page_unsupported" | "account_blocked" | "proxy_blocked" | "proxy_unreachable" | "proxy_refused" | "profile_in_use" | "profile_not_owned" | "foreign_world" | "crash_loop" | "memory_limit" | "browser_missing" | "passkey_required" | "operator" | "idle" | "saved_login" | "unlinked" | "logging_out" | "logout_unconfirmed" | "deleting";
                        sessionId: string;
                        /** @enum {string} */
                        status: "not_found" | "initializing" | "waiting_qr" | "ready" | "failed" | "stopped";
                    };
                    "image/png": string;
                    "text/plain": string;
                };
            };
        };
    };
    "queue.get": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
        };
    };
    "queue.pause": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
        };
    };
    "queue.resume": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
        };
    };
    "service.readyz": {
        parameters: {
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        evictionPolicy?: string;
                        /** @enum {string} */
                        status: "ok";
                    };
                };
            };
        };
    };
    "session.screenshot": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The picture. */
            200: {
                content: {
                    "image/png": string;
                };
            };
        };
    };
    "message.send": {
        parameters: {
            query?: {
                /** @description What to wait for; the server's ack where absent. */
                wait?: "none" | "server" | "delivered";
            };
            header?: {
                /** @description The same key with the same body is the same message, for 24 hours. */
                "idempotency-key"?: string;
                /** @description `respond-async` is short for `?wait=none`. */
                prefer?: string;
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "to": "5511999887766",
                 *       "message": "Hello"
                 *     }
                 */
                "application/json": components["schemas"]["SendRequest"];
                /**
                 * @example {
                 *       "to": "5511999887766",
                 *       "message": "Hello"
                 *     }
                 */
                "multipart/form-data": components["schemas"]["SendRequest"];
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description WhatsApp has it. */
            200: {
                content: {
                    "application/json": components["schemas"]["SendAnswer"];
                };
            };
            /** @description It is accepted and safe; its address tells what becomes of it. */
            202: {
                content: {
                    "application/json": components["schemas"]["SendAnswer"];
                };
            };
        };
    };
    "message.send-bulk": {
        parameters: {
            query?: {
                /** @description Until when it may be sent; 24 hours after it is due where absent. */
                expiresAt?: string;
                /** @description `urgent` overtakes the messages of other chats, never older ones of its own. */
                priority?: "normal" | "urgent";
                /** @description Your own word for it, returned everywhere. */
                reference?: string;
                /** @description When it is due. At once where absent or past. */
                sendAt?: string;
            };
            header?: {
                /** @description `application/x-ndjson`: one answer per line, while the body is still coming; the batch comes last. */
                accept?: string;
                /** @description Stands for the batch as long as it is kept. Repeating an upload resumes it: a line is known by whom it goes to and what it says. Another message on a line that was accepted is refused. */
                "idempotency-key"?: string;
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "to": "5511999887766",
                 *         "message": "Hello"
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["BulkLine"][];
                /**
                 * @example [
                 *       {
                 *         "to": "5511999887766",
                 *         "message": "Hello"
                 *       }
                 *     ]
                 */
                "application/x-ndjson": components["schemas"]["BulkLine"][];
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description What was accepted is safe; its address tells how it goes on. */
            202: {
                content: {
                    "application/json": {
                        accepted: number;
                        batchId: string;
                        /** @description The first 100 of them. */
                        refusals: {
                            code: string;
                            error: string;
                            id?: string;
                            line: number;
                            retryable: boolean;
                        }[];
                        refused: number;
                        replayed: number;
                        sessionId: string;
                        total: number;
                    };
                    "application/x-ndjson": string;
                };
            };
        };
    };
    "session.update": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "proxy": "http://user:password@proxy.example:8080",
                 *       "pacing": {
                 *         "perMinute": 10
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @description How fast this session sends; what is left out of it, or null for all of it, is as configured. */
                    pacing?: components["schemas"]["PacingChanges"] | null;
                    /** @description What this session goes through: an http, https or socks5 address, http and https ones with a user name and password where they are needed; null for none. Its browser is replaced where it changes. A session that is not there is made, stopped. */
                    proxy?: string | null;
                };
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        message: string;
                        /** @description What this session changes of the configured pacing, where it was given. */
                        pacing?: components["schemas"]["PacingChanges"] | null;
                        /** @description Its proxy without the password, where it was given. */
                        proxy?: string | null;
                        /** @enum {string} */
                        reason: "unknown_session" | "waiting_for_worker" | "starting" | "restoring" | "loading" | "syncing" | "reconnecting" | "recycling" | "restarting" | "qr_available" | "pairing_code" | "connected" | "qr_expired" | "logged_out" | "auth_failure" | "whatsapp_unreachable" | "page_unsupported" | "account_blocked" | "proxy_blocked" | "proxy_unreachable" | "proxy_refused" | "profile_in_use" | "profile_not_owned" | "foreign_world" | "crash_loop" | "memory_limit" | "browser_missing" | "passkey_required" | "operator" | "idle" | "saved_login" | "unlinked" | "logging_out" | "logout_unconfirmed" | "deleting";
                        sessionId: string;
                        /** @enum {string} */
                        status: "not_found" | "initializing" | "waiting_qr" | "ready" | "failed" | "stopped";
                    };
                };
            };
        };
    };
    "session.delete": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            202: {
                content: {
                    "application/json": components["schemas"]["SessionState"];
                };
            };
        };
    };
    "session.logout": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is stopped and holds no login. Its settings, webhooks and waiting messages stay. */
            200: {
                content: {
                    "application/json": components["schemas"]["SessionState"];
                };
            };
            /** @description It goes on; it ends with the reason `unlinked`, or `logout_unconfirmed` where WhatsApp cannot be reached. */
            202: {
                content: {
                    "application/json": components["schemas"]["SessionState"];
                };
            };
        };
    };
    "session.restart": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["SessionState"];
                };
            };
        };
    };
    "session.start": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["SessionState"];
                };
            };
        };
    };
    "session.stop": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is stopped. */
            200: {
                content: {
                    "application/json": components["schemas"]["SessionState"];
                };
            };
            /** @description Its browser is still closing. */
            202: {
                content: {
                    "application/json": components["schemas"]["SessionState"];
                };
            };
        };
    };
    "session.list": {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
                /** @description Part of a name, of a phone number or of an account's name. */
                search?: string;
                status?: "not_found" | "initializing" | "waiting_qr" | "ready" | "failed" | "stopped";
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: components["schemas"]["Session"][];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    "session.get": {
        parameters: {
            query?: {
                live?: "true" | "false";
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["SessionDetails"];
                };
            };
        };
    };
    "token.list": {
        parameters: {
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: {
                            /** Format: date-time */
                            createdAt: string;
                            /** @description Name of the token that issued it. */
                            createdBy: string;
                            /**
                             * Format: date-time
                             * @description From then on it is refused.
                             */
                            expiresAt?: string;
                            id: string;
                            /** @description To the minute; null where it was never used. */
                            lastUsedAt: string | null;
                            /** @description Who uses it: it stands in the log and in the audit trail. */
                            name: string;
                            /** @description How many requests it may make in a minute; any number where absent. */
                            perMinute?: number;
                            /**
                             * @description `viewer` reads, `sender` sends, `operator` runs sessions, `admin` sets up and deletes.
                             * @enum {string}
                             */
                            role: "viewer" | "sender" | "operator" | "admin";
                            /** @description The sessions that it may touch, by id or pattern (`sales-*`); all where absent. */
                            sessions?: string[];
                        }[];
                    };
                };
            };
        };
    };
    "token.issue": {
        parameters: {
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "shop",
                 *       "role": "sender",
                 *       "sessions": [
                 *         "shop"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /**
                     * Format: date-time
                     * @description From then on it is refused.
                     */
                    expiresAt?: string;
                    /** @description Who uses it: it stands in the log and in the audit trail. */
                    name: string;
                    /** @description How many requests it may make in a minute; any number where absent. */
                    perMinute?: number;
                    /**
                     * @description `viewer` reads, `sender` sends, `operator` runs sessions, `admin` sets up and deletes.
                     * @enum {string}
                     */
                    role: "viewer" | "sender" | "operator" | "admin";
                    /** @description The sessions that it may touch, by id or pattern (`sales-*`); all where absent. */
                    sessions?: string[];
                };
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            201: {
                content: {
                    "application/json": {
                        /** Format: date-time */
                        createdAt: string;
                        /** @description Name of the token that issued it. */
                        createdBy: string;
                        /**
                         * Format: date-time
                         * @description From then on it is refused.
                         */
                        expiresAt?: string;
                        id: string;
                        /** @description To the minute; null where it was never used. */
                        lastUsedAt: string | null;
                        /** @description Who uses it: it stands in the log and in the audit trail. */
                        name: string;
                        /** @description How many requests it may make in a minute; any number where absent. */
                        perMinute?: number;
                        /**
                         * @description `viewer` reads, `sender` sends, `operator` runs sessions, `admin` sets up and deletes.
                         * @enum {string}
                         */
                        role: "viewer" | "sender" | "operator" | "admin";
                        /** @description The sessions that it may touch, by id or pattern (`sales-*`); all where absent. */
                        sessions?: string[];
                        /** @description It is not shown again. */
                        token: string;
                    };
                };
            };
        };
    };
    "token.revoke": {
        parameters: {
            path: {
                id: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        id: string;
                        /** @enum {boolean} */
                        success: true;
                    };
                };
            };
        };
    };
    "token.self": {
        parameters: {
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        name: string;
                        /** @enum {string} */
                        role: "viewer" | "sender" | "operator" | "admin";
                        /** @description The sessions that it may touch, by id or pattern; null for all. */
                        sessions: string[] | null;
                    };
                };
            };
        };
    };
    "webhook.list": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: components["schemas"]["Webhook"][];
                    };
                };
            };
        };
    };
    "webhook.get": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                name: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
        };
    };
    "webhook.set": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                name: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://example.org/hook",
                 *       "events": [
                 *         "message",
                 *         "message.ack"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["WebhookRequest"];
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        chats: string[];
                        /** Format: date-time */
                        createdAt: string;
                        deliveries: {
                            /** @description Failed for a day, and not tried again by itself. */
                            dead: number;
                            /** @description Never tried, or not any more, because their events were not kept for so long. */
                            dropped: number;
                            /** @description How far behind it is; 0 where nothing is due. */
                            oldestPendingAgeMs: number;
                            /** @description Due now. */
                            pending: number;
                            /** @description Failed for more than five minutes, and to be tried again. */
                            retrying: number;
                        };
                        enabled: boolean;
                        /** @description It was disabled, because its receiver answered 410. */
                        ended?: {
                            /** Format: date-time */
                            at: string;
                            /** @enum {string} */
                            reason: "gone";
                        };
                        events: ("message" | "message.any" | "message.ack" | "message.status" | "message.reaction" | "message.edited" | "message.revoked" | "message.undecryptable" | "poll.vote" | "group.join" | "group.leave" | "group.participants" | "group.update" | "group.request" | "chat.archived" | "chat.removed" | "chat.unread" | "contact.changed" | "presence" | "call.received" | "session.status" | "session.qr" | "session.restriction" | "*")[];
                        /** @description Names only. */
                        headers: string[];
                        hubSignature: boolean;
                        name: string;
                        /** @description Where it is new. It is not shown again. */
                        secret?: string;
                        /** @description Null where it gets the events of all sessions. */
                        sessionId: string | null;
                        /** Format: date-time */
                        updatedAt: string;
                        url: string;
                        /** @description What else would bring the same events to this address. */
                        warnings: string[];
                    };
                };
            };
        };
    };
    "webhook.delete": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                name: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        name: string;
                        /** @enum {boolean} */
                        success: true;
                    };
                };
            };
        };
    };
    "webhook.deliveries": {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
                status?: "pending" | "retrying" | "delivered" | "dead";
            };
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                name: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: {
                            /**
                             * Format: date-time
                             * @description When it came to that status; of one that is retrying, when it is tried again.
                             */
                            at: string;
                            attempts: number;
                            chatId: string | null;
                            /** @description Up to nine before the last one, the latest first, with shorter answers. */
                            earlierAttempts: {
                                /** @description The beginning of the answer, or why none came. */
                                answer: string;
                                /** Format: date-time */
                                at: string;
                                /** @description Null where no answer came. */
                                httpStatus: number | null;
                                tookMs: number;
                            }[];
                            /** @description Of the event. */
                            id: string;
                            lastAttempt: {
                                /** @description The beginning of the answer, or why none came. */
                                answer: string;
                                /** Format: date-time */
                                at: string;
                                /** @description Null where no answer came. */
                                httpStatus: number | null;
                                tookMs: number;
                            } | null;
                            sessionId: string;
                            /** @enum {string} */
                            status: "pending" | "retrying" | "delivered" | "dead";
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    "webhook.redeliver-one": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                id: string;
                name: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        id: string;
                        /** @enum {boolean} */
                        success: true;
                    };
                };
            };
        };
    };
    "webhook.redeliver": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                name: string;
            };
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "status": "dead",
                 *       "since": "2026-11-29T00:00:00Z"
                 *     }
                 */
                "application/json": {
                    /**
                     * Format: date-time
                     * @description Only what came to it then or later.
                     */
                    since?: string;
                    /** @enum {string} */
                    status: "dead" | "retrying" | "delivered";
                };
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        redelivered: number;
                        /** @enum {boolean} */
                        success: true;
                    };
                };
            };
        };
    };
    "webhook.test": {
        parameters: {
            header?: {
                /** @description The session that the request concerns. */
                "X-Session-Id"?: string;
            };
            path: {
                name: string;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        /** @description The beginning of the answer, or why none came. */
                        answer: string;
                        /** @description Null where no answer came. */
                        httpStatus: number | null;
                        /** @description Of the event, `webhook.test`. */
                        id: string;
                        /** @description Whether the receiver took it, with a 2xx. */
                        success: boolean;
                        tookMs: number;
                    };
                };
            };
        };
    };
    "worker.list": {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                limit?: number;
            };
        };
        responses: {
            /** @description An error of the catalogue. */
            "4XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An error of the catalogue. */
            "5XX": {
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The answer. */
            200: {
                content: {
                    "application/json": {
                        items: {
                            host?: string;
                            id: string;
                            /** @description Null for no limit. */
                            memoryLimitMb: number | null;
                            /** @description What it and its browser take; null before it was measured. */
                            memoryMb: number | null;
                            /** @description The session that it owns, null while it is free. */
                            session: {
                                id: string;
                                library?: string;
                                /** @description WhatsApp Web's own version. */
                                page?: string;
                                /** @enum {string} */
                                status: "not_found" | "initializing" | "waiting_qr" | "ready" | "failed" | "stopped";
                            } | null;
                            /** Format: date-time */
                            startedAt?: string;
                            /** @description Of this product. */
                            version?: string;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
        };
    };
    "event.deliver": {
        parameters: {
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Event"];
            };
        };
        responses: {
            /** @description Taken. */
            "2XX": {
            };
        };
    };
}
