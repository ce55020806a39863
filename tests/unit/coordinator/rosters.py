"""A small roster for the router's tests: seven agents of a workshop, two of them only for projects of one kind."""

from __future__ import annotations

from nova.core.routes import Boundary, Candidate

BOOKS = Candidate(
    name="book-keeper",
    description="Keeps the accounts, records invoices and payments, reports what is overdue and what was earned.",
    examples=(
        "Which invoices are still unpaid?",
        "record the payment from Hansen",
        "how much did we earn in March",
        "What is overdue by more than thirty days?",
        "book the receipt for the paint",
        "total of all expenses this quarter",
        "show me the account of supplier Berg",
        "who owes us the most money",
        "list the payments of last week",
        "Is the invoice 2041 settled already?",
        "how much tax do we have to set aside",
        "export the ledger for the accountant",
    ),
    boundaries=(Boundary(what="wording of letters and reminders", who="letter-writer"),),
)
LETTERS = Candidate(
    name="letter-writer",
    description="Writes letters and mails in the owner's voice, friendly reminders, replies to customers, refusals.",
    examples=(
        "write a friendly reminder to Hansen",
        "Draft a reply to the complaint about the late chair",
        "answer the customer that we cannot come on Friday",
        "a short mail that thanks the supplier",
        "make this letter sound less stiff",
        "write to the landlord about the heating",
        "refuse the offer politely",
        "draft an invitation to the open day",
        "put my notes into a proper mail",
        "reply that the table will be ready next week",
        "compose a letter of recommendation for the apprentice",
        "say sorry to the customer for the scratch",
    ),
    boundaries=(Boundary(what="sums, balances and what is unpaid", who="book-keeper"),),
)
STOCK = Candidate(
    name="store-keeper",
    description="Knows what lies in the store, counts boards and screws, says what runs low, orders material.",
    examples=(
        "how many oak boards are left",
        "what runs low in the store",
        "order two boxes of the long screws",
        "Where do we keep the walnut veneer?",
        "count the drawer slides",
        "is there enough glue for the table",
        "which hinges do we have in brass",
        "when does the plywood arrive",
        "reserve six beech planks for the wardrobe",
        "what did we use up last month",
        "do we still have matt varnish",
        "list all sandpaper by grain",
    ),
    boundaries=(Boundary(what="what material costs in the accounts", who="book-keeper"),),
)
PLANS = Candidate(
    name="joiner",
    description="Plans furniture, draws cutting lists, explains joints and says in which order to build.",
    examples=(
        "make a cutting list for the wardrobe",
        "which joint holds a drawer best",
        "how thick must the shelf be to carry books",
        "In what order do I glue the frame?",
        "draw the table with a leaf that folds",
        "dovetail or box joint for the chest",
        "how do I keep the top from warping",
        "angles for a chair leg that leans back",
        "what clearance does the door need",
        "plan a bench for the hallway, one metre twenty wide",
        "can the cupboard stand without a back",
        "how do I fix the wobbly stool",
    ),
    boundaries=(Boundary(what="whether the wood is in the store", who="store-keeper"),),
)
DIARY = Candidate(
    name="diary",
    description="Plans the week, sets appointments with customers, moves them, and says who works when.",
    examples=(
        "when is the next appointment with Hansen",
        "move the fitting to Thursday",
        "who works on Saturday",
        "what is planned for next week",
        "put the delivery on Tuesday morning",
        "am I free on the twelfth",
        "cancel the meeting with the architect",
        "how many days until the fair",
        "plan two days for the staircase",
        "when did we last visit the school",
        "which week has room for a small job",
        "remind me on Monday to call Berg",
    ),
)
KILN = Candidate(
    name="kiln-master",
    description="Runs the drying kiln, reads its temperature and moisture curves, sets drying programmes.",
    examples=(
        "set the kiln for oak, forty millimetres",
        "why does the moisture fall so slowly",
        "show the temperature curve of the last batch",
        "how long must the beech dry",
        "stop the drying programme",
        "is the batch at ten percent yet",
        "which programme did we use for the ash",
        "the fan in the kiln is loud, what does that mean",
        "how many batches ran this month",
        "check the sensors in the kiln",
        "why did the boards crack while drying",
        "what humidity should the chamber have at night",
    ),
    kinds=("kiln",),
)
GUIDE = Candidate(
    name="guide",
    description="Tells visitors of the workshop about opening hours, courses and where to park.",
    examples=("when are you open", "where can I park", "do you give courses", "can I visit with a class"),
    visitors=True,
)
WORKSHOP = (BOOKS, DIARY, GUIDE, PLANS, KILN, LETTERS, STOCK)
