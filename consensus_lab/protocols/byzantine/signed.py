"""SM(m): the signed message algorithm, which bears m traitors among m + 2 generals or more.

Lamport, Shostak and Pease (1982), section 4. Every general who passes an order on signs it below
those who did before. A traitor can keep silent, but cannot change what a loyal general has said.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..node import Effects
from .general import RETREAT, General, Path
from .signatures import Keys, is_signed


@dataclass(frozen=True, slots=True)
class Signature:
    """`signer` put `mark` below an order and all the signatures before."""

    signer: str
    mark: str


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """An order, and below it the signatures of all who passed it on, the commander's first."""

    value: str
    chain: tuple[Signature, ...]

    @property
    def path(self) -> Path:
        """Who signed, in this order."""
        return tuple(signature.signer for signature in self.chain)

    def text(self, length: int) -> str:
        """What the signature after the first `length` ones is made for."""
        above = (f"{one.signer} {one.mark}" for one in self.chain[:length])
        return "\n".join((self.value, *above))

    def signed(self, signer: str, keys: Keys) -> SignedMessage:
        """The same with one signature more."""
        mark = keys.sign(signer, self.text(len(self.chain)))
        return SignedMessage(self.value, (*self.chain, Signature(signer, mark)))


class SignedMessages(General):
    """A general of SM(m). `orders` is the paper's V: all orders that came with good signatures."""

    repeats = True

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.orders: tuple[str, ...] = ()
        self.heard: tuple[SignedMessage, ...] = ()
        self.news: tuple[SignedMessage, ...] = ()

    @property
    def keys(self) -> Keys:
        """A loyal general has its own key; traitors have theirs in common."""
        options = self.options
        return Keys(options.keys, options.traitors if self.traitor else (self.name,))

    # -- speaking --------------------------------------------------------------------------------

    def speak(self, out: Effects) -> None:
        """The commander signs his order; a lieutenant signs and passes on each that is new."""
        if self.role == "commander" and self.round == 1:
            order = SignedMessage(self.options.order, ()).signed(self.name, self.keys)
            for peer in self.peers:
                out.send(peer, order)
        for message in self.news:
            for peer in self.others(message.path):
                out.send(peer, message.signed(self.name, self.keys))
        self.news = ()

    def made_up(self, path: Path, value: str) -> SignedMessage:
        """What a traitor can say along `path`: signatures that it has seen, and those it can make.

        For a loyal general whose signature it lacks, it has to forge one.
        """
        message = SignedMessage(value, ())
        for length, signer in enumerate(path, 1):
            seen = (one.chain[:length] for one in self.heard if one.value == value)
            known = next((chain for chain in seen if names(chain) == path[:length]), None)
            message = SignedMessage(value, known) if known else message.signed(signer, self.keys)
        return message

    # -- listening -------------------------------------------------------------------------------

    def on_signed_message(self, message: SignedMessage, out: Effects) -> None:
        """Take an order that is properly signed. If it is new, others are to hear of it, too."""
        if wrong := self.what_is_wrong_with(message):
            self.reject(message.path, message.value, wrong, out)
            return
        self.heard += (message,)
        if self.is_new(message):
            self.orders += (message.value,)
            self.news += (message,)

    def what_is_wrong_with(self, message: SignedMessage) -> str | None:
        """Why it is to be thrown away, if it is.

        A message of round r has passed r hands. One with fewer signatures has been held back: in
        the last round a traitor could show it to one lieutenant, who could tell nobody any more.
        """
        path = message.path
        if len(path) < self.round:
            return f"in round {self.round} it has {len(path)} signatures"
        if len(set(path)) < len(path):
            return "somebody signed it twice"
        if path[0] != self.options.commander:
            return "the commander did not sign it first"
        for length, signature in enumerate(message.chain):
            text = message.text(length)
            if not is_signed(self.options.keys, signature.signer, text, signature.mark):
                return f"the signature of {signature.signer} is forged"
        return None

    def is_new(self, message: SignedMessage) -> bool:
        """No such order has come before."""
        return message.value not in self.orders

    # -- deciding --------------------------------------------------------------------------------

    def decide(self) -> str:
        """The paper's choice(V): the only order there is; if there are more or none, retreat."""
        return self.orders[0] if len(self.orders) == 1 else RETREAT


def names(chain: tuple[Signature, ...]) -> Path:
    """Who signed."""
    return tuple(signature.signer for signature in chain)
